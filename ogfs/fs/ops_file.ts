// SPDX-License-Identifier: GPL-2.0-only
/**
 * File operations (GFS1: src/gfs/ops_file.c): each takes the file's glock around the generic one.
 *
 * Differs from GFS1: without CONFIG_GENERIC_FILE_WRITE_NOLOCK, and for direct I/O without
 * CONFIG_DIRECT_IO_NOLOCK, the glock is taken before i_sem, which the generic functions of 2.4 take
 * themselves; GFS1 on 2.6 takes i_sem first in a write. A read never takes the lock exclusively to
 * set the time of access (GL_ATIME), and a write is one transaction, not several of
 * gt_max_atomic_write bytes. There is no ->flush, in GFS1 neither: what a program leaves behind
 * that closes its file is kept under the lock of the node, and is written when that is given up.
 */
import { type bool, cover, type int, type Sleeps } from '../../harness/kts/prelude.ts';
import { PAGE_SHIFT } from '../../vfs/include/asm/page.ts';
import {
	DIRECT_IO,
	JDATA_FILES,
	NR_RGRP_BLOCKS,
	PAGE_WORDS,
	READPAGE_LOCKS,
	TRUNCATES,
} from '../../vfs/include/linux/bounds.ts';
import { EFAULT, ENOSYS, ERESTARTSYS } from '../../vfs/include/linux/errno.ts';
import {
	F_POS,
	type file,
	type file_operations,
	file_position,
	type filldir_t,
	type getdents_callback,
	O_APPEND,
	O_DIRECT,
} from '../../vfs/include/linux/fs.ts';
import { VM_MAYSHARE, VM_MAYWRITE, type vm_area_struct } from '../../vfs/include/linux/mm.ts';
import { down, up } from '../../vfs/include/linux/rwsem.ts';
import { current } from '../../vfs/include/linux/sched.ts';
import {
	CONFIG_DIRECT_IO_NOLOCK,
	CONFIG_GENERIC_FILE_WRITE_NOLOCK,
	CONFIG_NOFAULT_COPY,
} from '../../vfs/Kconfig.ts';
import {
	fault_in_readable,
	fault_in_safe_writeable,
	generic_file_mmap,
	generic_file_read,
	generic_file_read_nolock,
	generic_file_write,
	generic_file_write_nolock,
	pagefault_disable,
	pagefault_enable,
} from '../../vfs/kernel/ksyms.ts';
import {
	CONFIG_OGFS_DEFERRED,
	CONFIG_OGFS_FSYNC,
	CONFIG_OGFS_READDIR_BUFFER,
	CONFIG_OGFS_SHARED,
} from '../Kconfig.ts';
import { LM_ST_DEFERRED, LM_ST_EXCLUSIVE, LM_ST_SHARED } from '../locking/lm_interface.ts';
import { ogfs_truncatei, ogfs_write_alloc_required } from './bmap.ts';
import { ogfs_dir_look, ogfs_dir_read } from './dir.ts';
import {
	CALL_WAIT,
	ogfs_glock_is_locked_by_me,
	ogfs_glock_nq,
	ogfs_glock_nq_init,
} from './glock.ts';
import { inode_go_sync } from './glops.ts';
import { DIO_DATA, DIO_INVISIBLE, DIO_METADATA, ogfs_glock_of } from './incore.ts';
import { ogfs_is_jdata } from './inode.ts';
import {
	ogfs_exclusive_vm_ops,
	ogfs_private_vm_ops,
	ogfs_read_state,
	ogfs_readpage_vm_ops,
	ogfs_sharewrite_vm_ops,
} from './ops_vm.ts';
import { ogfs_inplace_release, ogfs_inplace_reserve, ogfs_rgrp_glock } from './rgrp.ts';
import { ogfs_trans_begin, ogfs_trans_end } from './trans.ts';
import { grope_mapping, walk_vm, walk_vm_done } from './walk.ts';
import { ogfs_glock_dq_uninit } from './xmote.ts';

/** CONFIG_OGFS_DEFERRED: is this file read and written past the page cache? */
function is_deferred(file: file): bool {
	return CONFIG_OGFS_DEFERRED !== 0 && DIRECT_IO !== 0 && (file.f_flags & O_DIRECT) !== 0;
}

/**
 * behind - where a read or a write goes on that was short
 * @pos: offset in bytes, or F_POS
 * @done: bytes
 *
 * Return: the position, as ->read takes it; that of the open file has moved by itself.
 * Context: any.
 */
function behind(pos: int, done: int): int {
	return PAGE_WORDS > 1 && pos !== F_POS ? pos + done : pos;
}

/**
 * in_all - what a read or a write returns that has gone on once or more
 * @done: bytes before
 * @ret: bytes in the end, or a negative error number
 *
 * Return: all bytes; the error only if there are none.
 * Context: any.
 */
function in_all(done: int, ret: int): int {
	if (PAGE_WORDS === 1 || done === 0) return ret;
	return ret > 0 ? done + ret : done;
}

/**
 * ogfs_read - ->read
 * @file: the file
 * @count: bytes
 * @pos: offset in bytes
 *
 * The user buffer may be in a mapping, of this file or of another, so that the copy needs a glock
 * as well, and mmap_sem. With CONFIG_NOFAULT_COPY it is made with faults disabled; when it is
 * short the glock is let go, the buffer is faulted in without it, and the read begins again, or
 * goes on, when a part was copied, as in GFS2. With CONFIG_OGFS_WALK_VM the lock of the file behind
 * the buffer is taken beforehand.
 *
 * Return: bytes read or a negative error number.
 * Context: may sleep.
 */
function* ogfs_read(file: file, count: int, pos: int): Sleeps<int> {
	const gl = ogfs_glock_of(file.f_inode!);
	let done = 0;
	for (;;) {
		const state = is_deferred(file) ? LM_ST_DEFERRED : ogfs_read_state();
		const buffer_gl = yield* walk_vm(gl, state, count - done);
		if (CALL_WAIT && !ogfs_glock_is_locked_by_me(gl)) return in_all(done, -ERESTARTSYS);
		if (CONFIG_NOFAULT_COPY) pagefault_disable();
		const at = behind(pos, done);
		let ret = 0;
		if (CONFIG_DIRECT_IO_NOLOCK && DIRECT_IO && file.f_flags & O_DIRECT)
			ret = yield* generic_file_read_nolock(file, count - done, at);
		else ret = yield* generic_file_read(file, count - done, at);
		if (CONFIG_NOFAULT_COPY) pagefault_enable();
		yield* walk_vm_done(gl, buffer_gl);
		if (PAGE_WORDS > 1 && CONFIG_NOFAULT_COPY && ret > 0 && ret < count - done) {
			done += ret;
			current().uaddr += ret;
		} else if (!CONFIG_NOFAULT_COPY || ret !== -EFAULT) {
			return in_all(done, ret);
		}
		cover('read: short copy, lock released');
		if (yield* fault_in_safe_writeable(count - done)) return in_all(done, -EFAULT);
	}
}

/**
 * write_takes_i_sem - does ogfs_write() take i_sem itself, before the glock?
 * @file: the file
 *
 * Return: CONFIG_GENERIC_FILE_WRITE_NOLOCK; for a direct write, which lets i_sem go while the disk
 * works and takes it again, only with CONFIG_DIRECT_IO_NOLOCK.
 * Context: any.
 */
function write_takes_i_sem(file: file): bool {
	if (DIRECT_IO && file.f_flags & O_DIRECT && !CONFIG_DIRECT_IO_NOLOCK) return false;
	return CONFIG_GENERIC_FILE_WRITE_NOLOCK !== 0;
}

/**
 * reserve_for_write - make sure that there are blocks if a write fills holes
 * @file: the file
 * @count: bytes
 * @pos: where it is to be written, bytes
 *
 * Part of do_do_write_buf() in GFS1.
 *
 * Return: 0, with the resource group locked if there is a hole to fill, or -ENOSPC.
 * Context: the glock held exclusively. May sleep.
 */
function* reserve_for_write(file: file, count: int, pos: int): Sleeps<int> {
	const inode = file.f_inode!;
	const start = file.f_flags & O_APPEND ? inode.i_size : file_position(file, pos);
	let blocks = 0;
	for (let k = start >> PAGE_SHIFT; k << PAGE_SHIFT < start + count; k++)
		if (ogfs_write_alloc_required(inode, k)) blocks++;
	if (blocks === 0) return 0;
	return yield* ogfs_inplace_reserve(inode, blocks);
}

/**
 * release_after_write - the end of what reserve_for_write() began
 * @file: the file
 * @written: bytes, or a negative error number
 *
 * If the file has not become longer, it has no blocks behind its end.
 *
 * Context: the glock held exclusively. May sleep.
 */
function* release_after_write(file: file, written: int): Sleeps {
	const inode = file.f_inode!;
	if (!ogfs_glock_is_locked_by_me(ogfs_rgrp_glock(inode.i_node))) return;
	if (written < 0) yield* ogfs_truncatei(inode, inode.i_size);
	yield* ogfs_inplace_release(inode);
}

/** Does a direct write change more than the data? Context: the glock held, in any state. */
function grows(file: file, count: int, pos: int): bool {
	const inode = file.f_inode!;
	if (file.f_flags & O_APPEND || pos + count > inode.i_size) return true;
	return TRUNCATES > 0 && !(inode.i_blocks & (1 << (pos >> PAGE_SHIFT)));
}

/**
 * ogfs_write - ->write
 * @file: the file
 * @count: bytes
 * @pos: offset in bytes
 *
 * The user buffer may be in a mapping: as ogfs_read(). A direct write that changes the size, or
 * needs a block, takes the lock exclusively after all. A write under that is one transaction.
 *
 * Return: bytes written or a negative error number.
 * Context: may sleep.
 */
function* ogfs_write(file: file, count: int, pos: int): Sleeps<int> {
	const gl = ogfs_glock_of(file.f_inode!);
	const i_sem = file.f_inode!.i_sem;
	let state = is_deferred(file) ? LM_ST_DEFERRED : LM_ST_EXCLUSIVE;
	let done = 0;
	for (;;) {
		let ret = 0;
		if (write_takes_i_sem(file)) yield* down(i_sem);
		const buffer_gl = yield* walk_vm(gl, state, count - done);
		if (CALL_WAIT && !ogfs_glock_is_locked_by_me(gl)) {
			if (write_takes_i_sem(file)) up(i_sem);
			return in_all(done, -ERESTARTSYS);
		}
		if (yield* grope_mapping(buffer_gl, count - done)) ret = -EFAULT;
		if (is_deferred(file) && state === LM_ST_DEFERRED && grows(file, count, pos)) {
			yield* walk_vm_done(gl, buffer_gl);
			if (write_takes_i_sem(file)) up(i_sem);
			state = LM_ST_EXCLUSIVE;
			continue;
		}
		if (CONFIG_NOFAULT_COPY) pagefault_disable();
		const left = count - done;
		const at = behind(pos, done);
		if (NR_RGRP_BLOCKS > 0 && !ret) ret = yield* reserve_for_write(file, left, at);
		if (!ret) {
			if (state === LM_ST_EXCLUSIVE) ogfs_trans_begin();
			if (CONFIG_GENERIC_FILE_WRITE_NOLOCK && write_takes_i_sem(file))
				ret = yield* generic_file_write_nolock(file, left, at);
			else ret = yield* generic_file_write(file, left, at);
			if (state === LM_ST_EXCLUSIVE) ogfs_trans_end();
			if (NR_RGRP_BLOCKS > 0) yield* release_after_write(file, ret);
		}
		if (CONFIG_NOFAULT_COPY) pagefault_enable();
		yield* walk_vm_done(gl, buffer_gl);
		if (write_takes_i_sem(file)) up(i_sem);
		if (PAGE_WORDS > 1 && CONFIG_NOFAULT_COPY && ret > 0 && ret < count - done) {
			done += ret;
			current().uaddr += ret;
		} else if (!CONFIG_NOFAULT_COPY || ret !== -EFAULT) {
			return in_all(done, ret);
		}
		cover('write: short copy, lock released');
		if (yield* fault_in_readable(count - done)) return in_all(done, -EFAULT);
	}
}

/**
 * ogfs_mmap - ->mmap
 * @file: the file
 * @vma: the new mapping, on no list yet
 *
 * The choice between private and shared-writable goes by what the mapping may become (mprotect),
 * not by what it is. What is stored through a mapping is in no journal: a file whose data are
 * journaled can be mapped privately only.
 *
 * Return: 0 or a negative error number.
 * Context: mmap_sem held for writing. May sleep.
 */
function* ogfs_mmap(file: file, vma: vm_area_struct): Sleeps<int> {
	const gl = ogfs_glock_of(file.f_inode!);
	const gh = yield* ogfs_glock_nq_init(gl, ogfs_read_state(), CALL_WAIT);
	if (CALL_WAIT && !gh) return -ERESTARTSYS;
	if (JDATA_FILES && ogfs_is_jdata(file.f_inode!) && vma.vm_flags & VM_MAYSHARE) {
		cover('mmap: shared, of a file with journaled data');
		yield* ogfs_glock_dq_uninit(gl, gh!);
		return -ENOSYS;
	}
	const error = yield* generic_file_mmap(file, vma);
	if (!error) {
		if (!(vma.vm_flags & VM_MAYSHARE && vma.vm_flags & VM_MAYWRITE))
			vma.vm_ops = READPAGE_LOCKS ? ogfs_readpage_vm_ops : ogfs_private_vm_ops;
		else if (CONFIG_OGFS_SHARED) vma.vm_ops = ogfs_sharewrite_vm_ops;
		else vma.vm_ops = ogfs_exclusive_vm_ops;
	}
	yield* ogfs_glock_dq_uninit(gl, gh!);
	return error;
}

/**
 * ogfs_fsync - ->fsync: data and metadata, in this order
 * @file: the file
 *
 * The caller has started to write what is dirty on this node, if it has the lock at all, and waits
 * for it afterwards. If another node has the lock exclusively, what is to be written is there, and
 * asking for the lock has it written; if this one has it, the inode is still to be written.
 *
 * Differs from GFS1: what GL_SYNC of the holder does when the last holder of the node lets the
 * lock go, which may be later than fsync() returns, is done here. Without CONFIG_OGFS_FSYNC it is
 * not done at all. GFS1 is content with DEFERRED (LM_FLAG_ANY), in which nothing is dirty; here the
 * lock is shared, and direct I/O waits for it.
 *
 * Return: 0 or -ERESTARTSYS.
 * Context: i_sem held. May sleep.
 */
function* ogfs_fsync(file: file): Sleeps<int> {
	if (!CONFIG_OGFS_FSYNC) return 0;
	const gl = ogfs_glock_of(file.f_inode!);
	const gh = yield* ogfs_glock_nq_init(gl, LM_ST_SHARED, CALL_WAIT);
	if (CALL_WAIT && !gh) return -ERESTARTSYS;
	if (gl.gl_state === LM_ST_EXCLUSIVE)
		yield* inode_go_sync(gl, DIO_METADATA | DIO_DATA | DIO_INVISIBLE);
	cover('fsync: under the lock');
	yield* ogfs_glock_dq_uninit(gl, gh!);
	return 0;
}

/**
 * readdir_reg - report entries of a directory
 * @file: the directory, open
 * @dirent: for @filldir
 * @filldir: copies an entry to the user
 *
 * The buffer may be in a mapping, as that of a read: the copy faults with the lock of the directory
 * held, and wants the lock of another file. With CONFIG_NOFAULT_COPY it is made with faults
 * disabled; when it is short the glock is let go, the buffer is faulted in, i_sem of the directory
 * still held, which nobody takes under a glock or mmap_sem, and it goes on behind the last entry.
 *
 * Differs from GFS1: without state B the lock is taken exclusively, as all are.
 *
 * Return: 0; why there are no more entries is in @dirent.
 * Context: i_sem of the directory held. Takes the glock. May sleep.
 */
function* readdir_reg(file: file, dirent: getdents_callback, filldir: filldir_t): Sleeps<int> {
	const gl = ogfs_glock_of(file.f_inode!);
	for (;;) {
		const gh = yield* ogfs_glock_nq(gl, ogfs_read_state());
		const entries = ogfs_dir_look(file.f_inode!);
		if (CONFIG_NOFAULT_COPY) pagefault_disable();
		const error = yield* ogfs_dir_read(file, entries, dirent, filldir);
		if (CONFIG_NOFAULT_COPY) pagefault_enable();
		yield* ogfs_glock_dq_uninit(gl, gh);
		if (!CONFIG_NOFAULT_COPY || error !== -EFAULT) return 0;
		cover('readdir: short copy, lock released');
		if (yield* fault_in_safe_writeable(4)) return 0;
	}
}

/**
 * readdir_bad - report entries of a directory when its lock has been let go
 * @file: the directory, open
 * @dirent: for @filldir
 * @filldir: copies an entry to the user
 *
 * The entries go through a buffer of the kernel.
 *
 * Differs from GFS1: the buffer has room for all entries.
 *
 * Return: 0; why there are no more entries is in @dirent.
 * Context: i_sem of the directory held. Takes the glock. May sleep.
 */
function* readdir_bad(file: file, dirent: getdents_callback, filldir: filldir_t): Sleeps<int> {
	const gl = ogfs_glock_of(file.f_inode!);
	const gh = yield* ogfs_glock_nq(gl, ogfs_read_state());
	const entries = ogfs_dir_look(file.f_inode!);
	yield* ogfs_glock_dq_uninit(gl, gh);
	cover('readdir: through a buffer of the kernel');
	yield* ogfs_dir_read(file, entries, dirent, filldir);
	return 0;
}

/**
 * ogfs_readdir - ->readdir
 * @file: the directory, open
 * @dirent: for @filldir
 * @filldir: copies an entry to the user
 *
 * GFS1 has readdir_bad() for the NFS server alone, whose @filldir takes locks.
 *
 * Return: 0.
 * Context: i_sem of the directory held. May sleep.
 */
function* ogfs_readdir(file: file, dirent: getdents_callback, filldir: filldir_t): Sleeps<int> {
	if (CONFIG_OGFS_READDIR_BUFFER) return yield* readdir_bad(file, dirent, filldir);
	return yield* readdir_reg(file, dirent, filldir);
}

export const ogfs_dir_fops: file_operations = {
	read: null,
	write: null,
	readdir: ogfs_readdir,
	mmap: null,
	fsync: ogfs_fsync,
};

export const ogfs_file_fops: file_operations = {
	read: ogfs_read,
	write: ogfs_write,
	readdir: null,
	mmap: ogfs_mmap,
	fsync: ogfs_fsync,
};
