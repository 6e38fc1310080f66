// SPDX-License-Identifier: GPL-2.0-only
/** What a store ran into. The search ends there, with the figures that it has so far. */
export class LimitReached extends Error {
	constructor(
		readonly limit: 'memory' | 'ids',
		message: string,
	) {
		super(message);
		this.name = 'LimitReached';
	}
}
