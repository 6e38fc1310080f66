// SPDX-License-Identifier: GPL-2.0-only
/** What is wrong with a call, with what is installed or with a figure: told without a stack. */
export class BenchError extends Error {
	constructor(
		message: string,
		/** exit status: 2 if the call cannot be served, 1 if it was and something is wrong */
		readonly status: 1 | 2 = 1,
	) {
		super(message);
		this.name = 'BenchError';
	}
}
