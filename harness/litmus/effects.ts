// SPDX-License-Identifier: GPL-2.0-only
/**
 * The effects of an expression, and the names that it may use.
 *
 * Interface: Effects SymbolTable none
 */

export type SymbolTable = Map<
	string,
	{ kind: 'local'; pointer: boolean } | { kind: 'variable' | 'file' }
>;

export interface Effects {
	/** reads or writes memory, or makes a call */
	access: boolean;
	/** locals (and errno) whose value is read, or changed by a call */
	reads: Set<string>;
	writes: Set<string>;
}

export function none(): Effects {
	return { access: false, reads: new Set(), writes: new Set() };
}
