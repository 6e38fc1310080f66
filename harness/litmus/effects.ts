// SPDX-License-Identifier: GPL-2.0-only
/**
 * What an expression does besides having a value, and the names that it may use.
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
	/** locals (and errno) whose value is taken, or changed by a call */
	reads: Set<string>;
	writes: Set<string>;
}

export function none(): Effects {
	return { access: false, reads: new Set(), writes: new Set() };
}
