// SPDX-License-Identifier: GPL-2.0-only
/**
 * Standard output and standard error. All that any module writes to them goes through visible(), so
 * that no text of a file, a name or an argument moves the cursor. A reader that closes the pipe
 * does not change the exit status.
 */
import { visible } from '../litmus/visible.ts';
import { EXIT_OK, EXIT_USAGE } from './status.ts';

type Write = typeof process.stdout.write;

const decoder = new TextDecoder();

function guarded(stream: NodeJS.WriteStream): Write {
	const write = stream.write.bind(stream) as Write;
	return ((chunk: string | Uint8Array, ...rest: []) =>
		write(visible(typeof chunk === 'string' ? chunk : decoder.decode(chunk)), ...rest)) as Write;
}

let toTerminal: Write = process.stderr.write.bind(process.stderr);

/** Moves the cursor of the terminal: blanks and returns, no text. */
export function moveCursor(controls: string): void {
	toTerminal(controls);
}

/** Call it once, before anything is written. */
export function guardStreams(): void {
	toTerminal = process.stderr.write.bind(process.stderr);
	process.stdout.write = guarded(process.stdout);
	process.stderr.write = guarded(process.stderr);
	let failed = false;
	process.stdout.on('error', (e: NodeJS.ErrnoException) => {
		// `| head`: the exit status stays.
		if (e.code === 'EPIPE' || failed) return;
		failed = true;
		process.stderr.write(`vfshook: the output cannot be written (${e.code ?? e.message})\n`);
	});
	// There is no stream left for a message.
	process.stderr.on('error', () => {});
	process.on('exit', (status) => {
		if (failed && status === EXIT_OK) process.exitCode = EXIT_USAGE;
	});
}
