// SPDX-License-Identifier: GPL-2.0-only
/**
 * CONFIG_OGFS_WALK_VM: read and write lock the files that their user buffer is mapped from as well
 * (GFS1: walk_vm, walk_vm_hard, grope_mapping of src/gfs/ops_file.c, gfs_glock_nq_m of
 * src/gfs/glock.c; OpenGFS's own names could not be read).
 *
 * The mappings of the buffer are looked at under mmap_sem, which is let go before any lock is
 * taken; then all locks are taken in one order, so that two tasks never wait for each other. What
 * the copy faults in finds the lock there already, and joins itself.
 *
 * What the walk does not do: it looks once. A thread may put another mapping in the place of the
 * buffer before the copy (S48). And the copy still takes mmap_sem with the locks held (S44), and
 * the page lock (S42).
 *
 * Differs from GFS1: a buffer is in one mapping at most, so that there are two locks at most. There
 * is no attempt to have all at once: no lock module is asynchronous, and the locks are taken one
 * after the other from the start.
 */
import { ASSERT, type bool, cover, type int, type Sleeps } from '../../harness/kts/prelude.ts';
import { PAGE_SHIFT } from '../../vfs/include/asm/page.ts';
import { __get_user } from '../../vfs/include/asm/uaccess.ts';
import { MAPPED_BUFFERS, PAGE_WORDS } from '../../vfs/include/linux/bounds.ts';
import { VM_MAYSHARE, VM_MAYWRITE, type vm_area_struct } from '../../vfs/include/linux/mm.ts';
import { down_read, up_read } from '../../vfs/include/linux/rwsem.ts';
import { current } from '../../vfs/include/linux/sched.ts';
import { CONFIG_NOFAULT_COPY } from '../../vfs/Kconfig.ts';
import { find_vma, lock_in_order } from '../../vfs/kernel/ksyms.ts';
import { CONFIG_OGFS_WALK_VM } from '../Kconfig.ts';
import { LM_ST_EXCLUSIVE } from '../locking/lm_interface.ts';
import {
	CALL_WAIT,
	ogfs_glock_is_locked_by_me,
	ogfs_glock_nq,
	ogfs_glock_nq_init,
} from './glock.ts';
import { type ogfs_glock, ogfs_glock_of } from './incore.ts';
import { ogfs_read_state } from './ops_vm.ts';
import { ogfs_glock_dq_uninit } from './xmote.ts';

/** What a fault on a mapping may ask for: by what it may become, as ogfs_mmap() goes by. */
function vma2state(vma: vm_area_struct): int {
	if (vma.vm_flags & VM_MAYSHARE && vma.vm_flags & VM_MAYWRITE) return LM_ST_EXCLUSIVE;
	return ogfs_read_state();
}

/** The mapping of a file that a buffer of @count bytes is in, or null. Context: mmap_sem held. */
function buffer_vma(count: int): vm_area_struct | null {
	if (!MAPPED_BUFFERS || current().uaddr === 0) return null;
	const start = current().uaddr;
	const vma = find_vma(current().mm!, start);
	if (!vma || vma.vm_start > start) return null;
	ASSERT('LIMIT', start + count <= vma.vm_end, 'a buffer in two mappings: one is looked at');
	return vma.vm_file ? vma : null;
}

/**
 * ogfs_glock_nq_m - take two glocks, in the order of all who take several
 * @gl: one
 * @state: LM_ST_* that is needed of it
 * @other: another, or the same
 * @other_state: LM_ST_* that is needed of that
 *
 * By number; of one lock the exclusive holder first, as the second joins the first, and must not
 * ask for more.
 *
 * Context: no glock held. May sleep.
 */
export function* ogfs_glock_nq_m(
	gl: ogfs_glock,
	state: int,
	other: ogfs_glock,
	other_state: int,
): Sleeps {
	let first = gl.gl_number < other.gl_number;
	if (gl === other) first = state === LM_ST_EXCLUSIVE;
	yield* ogfs_glock_nq(first ? gl : other, first ? state : other_state);
	lock_in_order(true);
	yield* ogfs_glock_nq(first ? other : gl, first ? other_state : state);
	lock_in_order(false);
}

/**
 * ogfs_glock_dq_m - let two glocks go that ogfs_glock_nq_m() has taken
 * @gl: one
 * @other: another, or the same
 *
 * Context: process. May sleep.
 */
export function* ogfs_glock_dq_m(gl: ogfs_glock, other: ogfs_glock): Sleeps {
	yield* ogfs_glock_dq_uninit(other, ogfs_glock_is_locked_by_me(other)!);
	yield* ogfs_glock_dq_uninit(gl, ogfs_glock_is_locked_by_me(gl)!);
}

/**
 * walk_vm - take the lock of a file, and that of the file that the buffer is mapped from
 * @gl: of the file that is read or written
 * @state: LM_ST_* that the read or write needs
 * @count: bytes of the buffer
 *
 * Without CONFIG_OGFS_WALK_VM, the lock of the file alone, and not even that if a signal came.
 *
 * Return: the lock of the file behind the buffer, null: there is none.
 * Context: takes mmap_sem for reading, and has let it go when it takes the locks, which are held
 * on return. May sleep.
 */
export function* walk_vm(gl: ogfs_glock, state: int, count: int): Sleeps<ogfs_glock | null> {
	if (!CONFIG_OGFS_WALK_VM) {
		yield* ogfs_glock_nq_init(gl, state, CALL_WAIT);
		return null;
	}
	yield* down_read(current().mm!.mmap_sem);
	const vma = buffer_vma(count);
	const other = vma ? ogfs_glock_of(vma.vm_file!.f_inode!) : null;
	const other_state = vma ? vma2state(vma) : 0;
	up_read(current().mm!.mmap_sem);
	if (!other) {
		yield* ogfs_glock_nq(gl, state);
		return null;
	}
	cover('walk: the buffer is mapped from a file');
	yield* ogfs_glock_nq_m(gl, state, other, other_state);
	return other;
}

/**
 * walk_vm_done - let the locks go that walk_vm() has taken
 * @gl: as there
 * @other: what it returned
 *
 * Context: process. May sleep.
 */
export function* walk_vm_done(gl: ogfs_glock, other: ogfs_glock | null): Sleeps {
	if (other) yield* ogfs_glock_dq_m(gl, other);
	else yield* ogfs_glock_dq_uninit(gl, ogfs_glock_is_locked_by_me(gl)!);
}

/**
 * grope_mapping - touch each page of a buffer that will be written from
 * @other: what walk_vm() returned
 * @count: bytes of the buffer
 *
 * Later, with a transaction open, a fault would be too late. With CONFIG_NOFAULT_COPY nothing
 * faults with the locks held, and this would.
 *
 * Return: true: it cannot be read.
 * Context: the locks held. May sleep; takes mmap_sem for reading if it faults.
 */
export function* grope_mapping(other: ogfs_glock | null, count: int): Sleeps<bool> {
	if (!CONFIG_OGFS_WALK_VM || CONFIG_NOFAULT_COPY || !other) return false;
	const address = current().uaddr;
	if (yield* __get_user(address)) return true;
	if (PAGE_WORDS > 1 && (address + count - 1) >> PAGE_SHIFT !== address >> PAGE_SHIFT)
		yield* __get_user(address + count - 4);
	return false;
}
