// SPDX-License-Identifier: GPL-2.0-only
/**
 * Recovery of a node that died (GFS1: src/gfs/recovery.c): a survivor replays its journal.
 * OpenGFS's own names could not be read; GFS1's are used.
 *
 * Differs from GFS1: a node does not hold the lock of its own journal while it lives; nobody asks
 * for it then. The lock of transactions is not taken: what is replayed are inodes whose locks are
 * withheld until it is done, and older records, which are skipped.
 */
import {
	type bool,
	cover,
	event,
	type int,
	type node_nr,
	preempt,
	printk,
	type Sleeps,
	wait_idle,
} from '../../harness/kts/prelude.ts';
import { FIRST_META_LOCK, NR_FILES } from '../../vfs/include/linux/bounds.ts';
import { EVENT_JOURNAL_CLEAN, EVENT_RECOVERY } from '../../vfs/include/linux/events.ts';
import { lockdep_sys_exit, might_sleep } from '../../vfs/kernel/ksyms.ts';
import {
	LM_FLAG_NOEXP,
	LM_FLAG_TRY,
	LM_RD_GAVEUP,
	LM_RD_SUCCESS,
	LM_ST_EXCLUSIVE,
} from '../locking/lm_interface.ts';
import { lm_recovery_done } from '../locking/lockmodule.ts';
import { ogfs_glock_nq_init } from './glock.ts';
import { GL_NOCACHE, ogfs_dinodes, ogfs_glock_find, ogfs_journals, ogfs_sbs } from './incore.ts';
import { ogfs_replay_record } from './log.ts';
import { ogfs_glock_dq_uninit } from './xmote.ts';

/** Is there anything in a journal? */
function journal_is_clean(jid: int): bool {
	for (let i = 0; i < NR_FILES; i++)
		if (ogfs_journals[jid].j_records[i].lr_generation > 0) return false;
	return true;
}

/**
 * replay_block - write what a journal has of an inode in place, unless what is there is newer
 * @jid: the journal
 * @ino: number of the file
 *
 * Another node may have had the file since, and written it: the generation tells.
 *
 * Context: the journal locked. May sleep.
 */
function* replay_block(jid: int, ino: int): Sleeps {
	const lr = ogfs_journals[jid].j_records[ino];
	if (lr.lr_generation === 0) return;
	yield* preempt();
	if (lr.lr_generation <= ogfs_dinodes[ino].di_generation) {
		cover('recovery: the block in place is as new');
		return;
	}
	cover('recovery: an inode is replayed');
	ogfs_replay_record(ino, lr);
}

/** Writes a header that says that the journal is empty. */
function* clean_journal(jid: int): Sleeps {
	yield* preempt();
	for (let i = 0; i < NR_FILES; i++) {
		const lr = ogfs_journals[jid].j_records[i];
		lr.lr_size = 0;
		lr.lr_blocks = 0;
		lr.lr_generation = 0;
	}
	printk('recovery: journal %d is clean', jid);
	event(EVENT_JOURNAL_CLEAN, jid);
}

/**
 * ogfs_recover_journal - replay the journal of a node that died, unless somebody else does
 * @node: this node
 * @jid: the journal: number of the node that died
 *
 * Context: the recovery daemon, no locks. Sleeps.
 */
export function* ogfs_recover_journal(node: node_nr, jid: int): Sleeps {
	might_sleep();
	const gl = ogfs_glock_find(node, FIRST_META_LOCK + jid);
	const flags = LM_FLAG_NOEXP | LM_FLAG_TRY | GL_NOCACHE;
	const gh = yield* ogfs_glock_nq_init(gl, LM_ST_EXCLUSIVE, flags);
	if (gh === null) {
		cover('recovery: another node replays it');
		lm_recovery_done(node, jid, LM_RD_GAVEUP);
		return;
	}
	printk('recovery: node %d, journal %d', node, jid);
	event(EVENT_RECOVERY, jid);
	if (!journal_is_clean(jid)) {
		for (let i = 0; i < NR_FILES; i++) yield* replay_block(jid, i);
		yield* clean_journal(jid);
	}
	lm_recovery_done(node, jid, LM_RD_SUCCESS);
	yield* ogfs_glock_dq_uninit(gl, gh);
}

/**
 * ogfs_recoverd - the daemon that recovers other nodes (GFS1: gfs_recoverd of daemon.c, which
 * calls gfs_check_journals())
 * @node: whose
 *
 * Context: a task of its own, which idles when there is nothing to do. Sleeps.
 */
export function* ogfs_recoverd(node: node_nr): Sleeps {
	const sb = ogfs_sbs[node];
	for (;;) {
		lockdep_sys_exit();
		yield* wait_idle(() => sb.sd_dirty_j !== 0);
		let jid = 0;
		while (!(sb.sd_dirty_j & (1 << jid))) jid++;
		sb.sd_dirty_j &= ~(1 << jid);
		yield* ogfs_recover_journal(node, jid);
	}
}
