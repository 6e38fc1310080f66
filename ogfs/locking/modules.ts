// SPDX-License-Identifier: GPL-2.0-only
/**
 * The lock modules, for the harness and the documents: no kernel file (a module tells its name when
 * it is registered, lm_register_proto() of GFS1: src/harness/main.c). What a module does is its
 * table of operations (lm_interface.ts); lm_module() says which one a machine has.
 */
import { LM_CENTRAL, LM_DLM, LM_MEMEXP, LM_NOLOCK } from './lm_interface.ts';

export interface lock_module {
	/** LOCK_MODULE */
	number: number;
	/** its table of operations */
	table: `lm_${string}_ops`;
	/** in a few words */
	title: string;
	/** it is for one node alone: no node is left when it dies */
	alone: boolean;
}

export const lock_modules = {
	central: {
		number: LM_CENTRAL,
		table: 'lm_central_ops',
		title: 'the central lock manager of the mail',
		alone: false,
	},
	memexp: {
		number: LM_MEMEXP,
		table: 'lm_memexp_ops',
		title: "OpenGFS's module of 2003: a central storage, which only loads and stores",
		alone: false,
	},
	nolock: {
		number: LM_NOLOCK,
		table: 'lm_nolock_ops',
		title: 'the module of one node alone, which grants all at once',
		alone: true,
	},
	dlm: {
		number: LM_DLM,
		table: 'lm_dlm_ops',
		title: 'a distributed lock manager, as of GFS1 and GFS2',
		alone: false,
	},
} as const satisfies Record<string, lock_module>;

export type lock_module_name = keyof typeof lock_modules;
