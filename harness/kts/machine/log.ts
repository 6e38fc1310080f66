// SPDX-License-Identifier: GPL-2.0-only
/** The text of a printk(), the same for both executors. */

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
