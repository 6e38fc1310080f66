// SPDX-License-Identifier: GPL-2.0-only
/**
 * A resumed search takes steps from states that it has not found itself. From a state that is not
 * one of the machine, a step can throw, or loop for ever without checking limits and signals. Such
 * a search runs under a watchdog: errors are blamed on the checkpoint, and a step that does not
 * return is ended.
 */
import { createContext, Script } from 'node:vm';
import { CheckpointError } from './checkpoint.ts';
import { codeOf } from './files.ts';
import { LimitReached } from './limits.ts';

/** Runs `run`: V8 can end only code that a script calls. */
const script = new Script('run()');

/** Enough for a slow machine, with a slow disk for the checkpoint. */
export const PATIENCE_MS = 30_000;

/** Calls `run`, and ends it after that time by an error with the code TOO_LONG. */
function within<T>(milliseconds: number, run: () => T): T {
	return script.runInContext(createContext({ run }), { timeout: Math.ceil(milliseconds) }) as T;
}
const TOO_LONG = 'ERR_SCRIPT_EXECUTION_TIMEOUT';

/**
 * Runs a part of a search that was resumed from a file, for `milliseconds` at the most. Any error
 * that is not of the file system becomes a CheckpointError.
 */
export function trusting<T>(file: string, milliseconds: number, run: () => T): T {
	try {
		return within(milliseconds, run);
	} catch (e) {
		if (e instanceof CheckpointError || e instanceof LimitReached || codeOf(e)) throw e;
		const long = (e as NodeJS.ErrnoException)?.code === TOO_LONG;
		const why = long ? 'a step from one of them does not end' : (e as Error)?.message;
		throw new CheckpointError(`${file} does not fit: its states are not of this machine (${why})`);
	}
}
