// SPDX-License-Identifier: GPL-2.0-only
/** The log entries of printk() and event(), the same for both executors. */
import type { EventInfo, LogEvent } from '../../engine/machine.ts';

/**
 * `%d` is a number, `%p` what `nameOf` calls the pointer, `%{PREFIX}` the constant PREFIX_* that
 * has the value.
 */
export function formatLog(
	format: string,
	args: readonly unknown[],
	nameOf: (pointer: unknown, index: number) => string,
	constants: Readonly<Record<string, number>>,
): string {
	let i = 0;
	return format.replace(/%(?:d|p|\{(\w+)\})/g, (directive, prefix?: string) => {
		const index = i++;
		const v = args[index];
		if (directive === '%p') return nameOf(v, index);
		const n = Number(v);
		return prefix ? constantName(prefix, n, constants) : String(n);
	});
}

function constantName(
	prefix: string,
	value: number,
	constants: Readonly<Record<string, number>>,
): string {
	const has = ([name, v]: [string, number]): boolean =>
		v === value && name.startsWith(`${prefix}_`);
	return Object.entries(constants).find(has)?.[0] ?? String(value);
}

/** The arguments of an event by name. */
export function eventArguments(
	{ args: declared }: EventInfo,
	args: readonly unknown[],
	nameOf: (pointer: unknown, index: number) => string,
	constants: Readonly<Record<string, number>>,
): LogEvent['args'] {
	const one = (type: string, i: number): number | boolean | string => {
		if (type === 'bool') return Boolean(args[i]);
		if (type.startsWith('*')) return nameOf(args[i], i);
		const n = Number(args[i]);
		if (!type.endsWith('*')) return n;
		const prefix = type.slice(0, -1);
		const has = ([name, v]: [string, number]): boolean => v === n && name.startsWith(prefix);
		const name = Object.entries(constants).find(has)?.[0];
		if (name === undefined) return String(n);
		return prefix.endsWith('_') ? name.slice(prefix.length) : name;
	};
	return Object.fromEntries(declared.map(([name, type], i) => [name, one(type, i)]));
}
