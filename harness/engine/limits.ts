// SPDX-License-Identifier: GPL-2.0-only
/** A store reached a limit. The search ends with the figures that it has so far. */
export class LimitReached extends Error {
	constructor(
		readonly limit: 'memory' | 'ids' | 'components',
		message: string,
	) {
		super(message);
		this.name = 'LimitReached';
	}
}
