// SPDX-License-Identifier: GPL-2.0-only
/**
 * The use of registers: errno, the addresses and descriptors of the set-up, the locals, and above
 * them temporaries, used as a stack.
 *
 * Interface: RegisterFile
 */
import { REG_ERRNO } from '../world/isa.ts';

export class RegisterFile {
	readonly names: string[] = ['errno'];
	readonly #byName = new Map<string, number>([['errno', REG_ERRNO]]);
	/** by file: the address where it is mapped for its variables; its descriptor */
	readonly bases = new Map<number, number>();
	readonly descriptors = new Map<number, number>();
	readonly pointers = new Set<string>();
	#next = 1;
	/** most registers in use at the same time */
	count = 1;

	name(name: string): number {
		const register = this.take();
		this.names[register] = name;
		this.#byName.set(name, register);
		return register;
	}
	take(): number {
		const register = this.#next++;
		this.count = Math.max(this.count, this.#next);
		return register;
	}
	get(name: string): number | undefined {
		return this.#byName.get(name);
	}
	mark(): number {
		return this.#next;
	}
	release(mark: number): void {
		this.#next = mark;
	}
}
