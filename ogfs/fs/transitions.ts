// SPDX-License-Identifier: GPL-2.0-only
/**
 * No kernel file: the transitions of a glock from one state to another, in one place, and the
 * marks by which the harness sees that they happen. GFS1 has no such table (state_change() of
 * src/gfs/glock.c). docs/glock.md is made from it, and a test compares it with what the suite
 * does.
 */
import { cover, type int } from '../../harness/kts/prelude.ts';
import {
	LM_ST_DEFERRED,
	LM_ST_EXCLUSIVE,
	LM_ST_SHARED,
	LM_ST_UNLOCKED,
} from '../locking/lm_interface.ts';

export interface Transition {
	from: string;
	to: string;
	/** on whose demand, by which functions */
	by: string;
	/** what is done for a file, in this order; the lock module is told where it says so */
	work: string;
	/** why no scenario gets there; undefined: some scenario does */
	unseen?: string;
}

export const transitions: Transition[] = [
	{
		from: 'UNLOCKED',
		to: 'SHARED',
		by: 'a holder: rq_promote, xmote_bh',
		work: 'lm_lock; go_lock reads the inode',
	},
	{
		from: 'UNLOCKED',
		to: 'EXCLUSIVE',
		by: 'a holder: rq_promote, xmote_bh',
		work: 'lm_lock; go_lock reads the inode',
	},
	{
		from: 'UNLOCKED',
		to: 'DEFERRED',
		by: 'a holder (direct I/O): rq_promote, xmote_bh',
		work: 'lm_lock; go_lock reads the inode',
	},
	{
		from: 'SHARED',
		to: 'UNLOCKED',
		by: 'another node; no node, if idle; or an upgrade that was denied or taken back: rq_demote, rq_denied, go_drop_th',
		work: 'take the ptes out; lm_unlock; drop the cache',
	},
	{
		from: 'SHARED',
		to: 'EXCLUSIVE',
		by: 'a holder: rq_promote, xmote_bh',
		work: 'lm_lock; ptes and cache stay (GFS1 takes the ptes out)',
	},
	{
		from: 'SHARED',
		to: 'DEFERRED',
		by: 'a holder (direct I/O): rq_xmote, go_xmote_th',
		work: 'take the ptes out; drop the cache; lm_lock',
	},
	{
		from: 'EXCLUSIVE',
		to: 'UNLOCKED',
		by: 'another node; no node, if idle: rq_demote, go_drop_th',
		work: 'take the ptes out; write out; lm_unlock; drop the cache',
	},
	{
		from: 'EXCLUSIVE',
		to: 'SHARED',
		by: 'another node: rq_demote, go_xmote_th',
		work: 'make the ptes read-only; write out; lm_lock; the cache stays',
	},
	{
		from: 'EXCLUSIVE',
		to: 'DEFERRED',
		by: 'a holder (direct I/O) or another node: rq_xmote, rq_demote, go_xmote_th',
		work: 'take the ptes out; write out; drop the cache; lm_lock',
	},
	{
		from: 'DEFERRED',
		to: 'UNLOCKED',
		by: 'another node: rq_demote, go_drop_th',
		work: 'lm_unlock; nothing is mapped or cached',
	},
	{
		from: 'DEFERRED',
		to: 'SHARED',
		by: 'a holder: rq_xmote, go_xmote_th',
		work: 'lm_lock; nothing is mapped or cached',
	},
	{
		from: 'DEFERRED',
		to: 'EXCLUSIVE',
		by: 'a holder: rq_xmote, go_xmote_th',
		work: 'lm_lock; nothing is mapped or cached',
	},
];

/** From UNLOCKED to what? */
function cover_up(to: int): void {
	if (to === LM_ST_SHARED) cover('glock: UNLOCKED to SHARED');
	if (to === LM_ST_EXCLUSIVE) cover('glock: UNLOCKED to EXCLUSIVE');
	if (to === LM_ST_DEFERRED) cover('glock: UNLOCKED to DEFERRED');
}

/** From SHARED to what? */
function cover_shared(to: int): void {
	if (to === LM_ST_UNLOCKED) cover('glock: SHARED to UNLOCKED');
	if (to === LM_ST_EXCLUSIVE) cover('glock: SHARED to EXCLUSIVE');
	if (to === LM_ST_DEFERRED) cover('glock: SHARED to DEFERRED');
}

/** From EXCLUSIVE to what? */
function cover_exclusive(to: int): void {
	if (to === LM_ST_UNLOCKED) cover('glock: EXCLUSIVE to UNLOCKED');
	if (to === LM_ST_SHARED) cover('glock: EXCLUSIVE to SHARED');
	if (to === LM_ST_DEFERRED) cover('glock: EXCLUSIVE to DEFERRED');
}

/** From DEFERRED to what? */
function cover_deferred(to: int): void {
	if (to === LM_ST_UNLOCKED) cover('glock: DEFERRED to UNLOCKED');
	if (to === LM_ST_SHARED) cover('glock: DEFERRED to SHARED');
	if (to === LM_ST_EXCLUSIVE) cover('glock: DEFERRED to EXCLUSIVE');
}

/**
 * cover_transition - a glock goes from one state to another
 * @from: LM_ST_*
 * @to: LM_ST_*
 *
 * Context: any. Does not sleep.
 */
export function cover_transition(from: int, to: int): void {
	if (from === LM_ST_UNLOCKED) cover_up(to);
	else if (from === LM_ST_SHARED) cover_shared(to);
	else if (from === LM_ST_EXCLUSIVE) cover_exclusive(to);
	else cover_deferred(to);
}
