// SPDX-License-Identifier: GPL-2.0-only
/**
 * The events of the kernels, typed as vfs/include/linux/events.ts declares them.
 *
 * Interface: EventName EventArguments
 */
import type * as table from '../../vfs/include/linux/events.ts';
import type { EventKind, EventType } from '../kts/prelude.ts';

type Table = typeof table;
type Kinds = Table[keyof Table];
export type EventName = Kinds['name'];

/** Pointers and constants are handed over by their names. */
type Value<T extends EventType> = T extends 'bool'
	? boolean
	: T extends `*${string}` | `${string}*`
		? string
		: number;
type ByName<A> = A extends readonly (readonly [string, EventType])[]
	? { [P in A[number] as P[0]]: Value<P[1]> }
	: never;

export type EventArguments<N extends EventName> =
	Extract<Kinds, { name: N }> extends EventKind<N, infer A> ? ByName<A> : never;
