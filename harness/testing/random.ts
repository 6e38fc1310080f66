// SPDX-License-Identifier: GPL-2.0-only
/**
 * Random small litmus tests, the same ones for the same seed: loads and stores through variables
 * and through mappings of their own, pread and pwrite of the same pages, values that depend on
 * what was read, branches. Every register and every page is asked for at the end.
 *
 * Interface: randomLitmus RandomOptions
 */

export interface RandomOptions {
	/** at most, of all processes together */
	accesses?: number;
	processes?: number;
	pages?: number;
	/** put some processes on one node, or into one address space */
	placed?: boolean;
	/** pread and pwrite */
	calls?: boolean;
	/** mmap in the body */
	maps?: boolean;
	/** branches */
	branches?: boolean;
}

/** A generator of numbers (mulberry32): same seed, same numbers. */
class Random {
	#state: number;

	constructor(state: number) {
		this.#state = state;
	}
	/** 0 to n - 1 */
	below(n: number): number {
		this.#state = (this.#state + 0x6d2b79f5) | 0;
		let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * n);
	}
	chance(one: number, of: number): boolean {
		return this.below(of) < one;
	}
}

/** The text of a test. */
export function randomLitmus(seed: number, options: RandomOptions = {}): string {
	return new Writer(seed, {
		accesses: 6,
		processes: 4,
		pages: 3,
		placed: true,
		calls: true,
		maps: true,
		branches: true,
		...options,
	}).test();
}

class Writer {
	readonly #random: Random;
	readonly #pages: number;
	readonly #processes: number;
	/** pages are those of a file, and not variables only */
	readonly #file: boolean;
	/** the next value to store: all stores are different */
	#value = 1;
	readonly #registers: string[] = [];
	readonly #seed: number;
	readonly #options: Required<RandomOptions>;

	constructor(seed: number, options: Required<RandomOptions>) {
		this.#seed = seed;
		this.#options = options;
		this.#random = new Random(seed);
		this.#pages = 1 + this.#random.below(options.pages);
		this.#processes = 2 + this.#random.below(options.processes - 1);
		this.#file = (options.calls || options.maps) && this.#random.chance(2, 3);
	}

	test(): string {
		const { accesses } = this.#options;
		const fewest = Math.min(accesses, this.#processes);
		const total = fewest + this.#random.below(accesses - fewest + 1);
		const shares = Array.from({ length: this.#processes }, () => 1);
		for (let i = this.#processes; i < total; i++) shares[this.#random.below(this.#processes)]++;
		const bodies = shares.map((count, index) => this.#process(index, count)).join('\n');
		const pages = Array.from({ length: this.#pages }, (_, page) => this.#page(page));
		const asked = [...this.#registers, ...pages].map((name) => `${name};`).join(' ');
		const first = this.#registers[0] ?? pages[0];
		return (
			`C random-${this.#seed}\n\n{\n${this.#init()}}\n\n${bodies}\n` +
			`locations [${asked}]\nexists (${first}=${this.#random.below(this.#value)})\n`
		);
	}

	#page(page: number): string {
		return this.#file ? `f[${page}]` : `x${page}`;
	}

	#init(): string {
		const lines: string[] = [];
		const initial = () => (this.#random.chance(1, 4) ? 100 + this.#random.below(3) : 0);
		if (this.#file) {
			const values = Array.from({ length: this.#pages }, initial);
			lines.push(`file f[${this.#pages}] = {${values.join(', ')}}`);
			for (let page = 0; page < this.#pages; page++) lines.push(`int x${page} in f[${page}]`);
		} else for (let page = 0; page < this.#pages; page++) lines.push(`int x${page} = ${initial()}`);
		for (let index = 1; this.#options.placed && index < this.#processes; index++) {
			if (!this.#random.chance(1, 5)) continue;
			const other = this.#random.below(index);
			lines.push(this.#random.chance(1, 3) ? `P${index} shares P0` : `P${index} on ${other}`);
		}
		return lines.map((line) => `\t${line};\n`).join('');
	}

	#process(index: number, accesses: number): string {
		const mapped = this.#file && this.#options.maps && this.#random.chance(1, 3);
		const body: string[] = [];
		let loaded = 0;
		if (mapped) {
			const length = this.#pages * 4096;
			body.push(`int *p = mmap(NULL, ${length}, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0);`);
		}
		for (let i = 0; i < accesses; i++) {
			const statement = this.#access(mapped, loaded);
			if (statement.loads) {
				this.#registers.push(`${index}:r${loaded}`);
				body.push(`int r${loaded} = 0;`);
				loaded++;
			}
			const tests = this.#options.branches && loaded > (statement.loads ? 1 : 0);
			if (tests && this.#random.chance(1, 4)) {
				const condition = `r${this.#random.below(statement.loads ? loaded - 1 : loaded)}`;
				const equal = this.#random.chance(1, 2) ? '==' : '!=';
				body.push(
					`if (${condition} ${equal} ${this.#random.below(this.#value)})`,
					`\t${statement.text}`,
				);
			} else body.push(statement.text);
		}
		const variables = Array.from({ length: this.#pages }, (_, page) => `int *x${page}`);
		const params = [...(mapped ? [] : variables), ...(this.#file ? ['file f'] : [])];
		const lines = body.map((line) => `\t${line}\n`).join('');
		return `P${index}(${params.join(', ')})\n{\n${lines}}\n`;
	}

	/** One access; `loaded` registers have values already. */
	#access(mapped: boolean, loaded: number): { text: string; loads: boolean } {
		const page = this.#random.below(this.#pages);
		const place = mapped ? `p[${page * 1024}]` : `*x${page}`;
		const calls = this.#file && this.#options.calls && this.#random.chance(2, 5);
		const once = this.#random.chance(1, 2);
		if (this.#random.chance(1, 2)) {
			const to = `r${loaded}`;
			if (calls) return { text: `pread(f, &${to}, sizeof(int), ${page * 4096});`, loads: true };
			return { text: once ? `${to} = READ_ONCE(${place});` : `${to} = ${place};`, loads: true };
		}
		const value = this.#stored(loaded);
		if (calls) {
			const text = `pwrite(f, &(int){${value}}, sizeof(int), ${page * 4096});`;
			return { text, loads: false };
		}
		const text = once ? `WRITE_ONCE(${place}, ${value});` : `${place} = ${value};`;
		return { text, loads: false };
	}

	#stored(loaded: number): string {
		const value = this.#value++;
		if (loaded === 0 || !this.#random.chance(1, 4)) return String(value);
		return `r${this.#random.below(loaded)} + ${value * 10}`;
	}
}
