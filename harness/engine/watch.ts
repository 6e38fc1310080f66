// SPDX-License-Identifier: GPL-2.0-only
/**
 * A search that goes on from a checkpoint takes steps from states that it has not found itself.
 * From a state that is none of the machine's, a step can go anywhere: into an error, or on and on
 * within itself, where no limit and no signal is heard. Such a search runs under a watch of its
 * own: what goes wrong in it is the checkpoint's fault, and what does not come back is ended.
 */
import { createContext, Script } from 'node:vm';
import { CheckpointError } from './checkpoint.ts';
import { codeOf } from './files.ts';
import { LimitReached } from './limits.ts';

/** Runs what is in `run`: V8 can be told to end what a script calls, and nothing else. */
const script = new Script('run()');

/** However slow a machine is, and a disk that a checkpoint is written to. */
export const PATIENCE_MS = 30_000;

/** Calls `run`, and ends it when it takes longer, by an error whose code is TOO_LONG. */
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
