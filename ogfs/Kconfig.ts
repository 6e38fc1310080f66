// SPDX-License-Identifier: GPL-2.0-only
/** Configuration of the file system's side: what it must do for the VM's hooks to mean anything. */
import { config, type int } from '../harness/kts/prelude.ts';
import type { KconfigSymbol } from '../vfs/Kconfig.ts';

export const CONFIG_OGFS_SHARED: int = config('OGFS_SHARED', 0);
export const CONFIG_OGFS_BLOCK_FAULTS_FIRST: int = config('OGFS_BLOCK_FAULTS_FIRST', 0);
export const CONFIG_OGFS_REVOKE_ORDER: int = config('OGFS_REVOKE_ORDER', 0);
export const CONFIG_OGFS_DROP_LAST: int = config('OGFS_DROP_LAST', 0);
export const CONFIG_OGFS_REFRESH_INODE: int = config('OGFS_REFRESH_INODE', 0);
export const CONFIG_OGFS_BOTH_SHARE_LISTS: int = config('OGFS_BOTH_SHARE_LISTS', 0);
export const CONFIG_OGFS_SYNC_PAGES: int = config('OGFS_SYNC_PAGES', 0);
export const CONFIG_OGFS_DROP_BEFORE_UNLOCK: int = config('OGFS_DROP_BEFORE_UNLOCK', 0);
export const CONFIG_OGFS_IDLE_UNMAP: int = config('OGFS_IDLE_UNMAP', 0);
export const CONFIG_OGFS_RECURSION: int = config('OGFS_RECURSION', 0);
export const CONFIG_OGFS_DEFERRED: int = config('OGFS_DEFERRED', 0);
export const CONFIG_OGFS_GREEDY: int = config('OGFS_GREEDY', 0);
export const CONFIG_OGFS_GREEDY_FLOOR: int = config('OGFS_GREEDY_FLOOR', 0);
export const CONFIG_OGFS_READPAGE_WAIT: int = config('OGFS_READPAGE_WAIT', 0);

export const CONFIG_OGFS_FENCING: int = config('OGFS_FENCING', 0);
export const CONFIG_OGFS_RECOVERY_GATE: int = config('OGFS_RECOVERY_GATE', 0);
export const CONFIG_OGFS_ORDERED_DATA: int = config('OGFS_ORDERED_DATA', 0);

export const CONFIG_OGFS_CONVERT: int = config('OGFS_CONVERT', 0);
export const CONFIG_OGFS_WALK_VM: int = config('OGFS_WALK_VM', 0);
export const CONFIG_OGFS_READDIR_BUFFER: int = config('OGFS_READDIR_BUFFER', 0);
export const CONFIG_OGFS_POPULATE_LOCKED: int = config('OGFS_POPULATE_LOCKED', 0);

export const CONFIG_OGFS_ALLOC_REQUIRED: int = config('OGFS_ALLOC_REQUIRED', 0);
export const CONFIG_OGFS_ALLOC_ERROR: int = config('OGFS_ALLOC_ERROR', 0);
export const CONFIG_OGFS_FSYNC: int = config('OGFS_FSYNC', 0);
export const CONFIG_OGFS_DEPEND_SYNC: int = config('OGFS_DEPEND_SYNC', 0);
export const CONFIG_OGFS_UNINTERRUPTIBLE: int = config('OGFS_UNINTERRUPTIBLE', 0);
export const CONFIG_OGFS_FAULT_BLOCKS_SIGNALS: int = config('OGFS_FAULT_BLOCKS_SIGNALS', 0);
export const CONFIG_OGFS_GFP_NOFS: int = config('OGFS_GFP_NOFS', 0);
export const CONFIG_OGFS_TAGGED_WRITEOUT: int = config('OGFS_TAGGED_WRITEOUT', 0);
export const CONFIG_OGFS_MKWRITE_DIRTY_FIRST: int = config('OGFS_MKWRITE_DIRTY_FIRST', 0);

export const ogfs_symbols: KconfigSymbol[] = [
	{
		name: 'OGFS_SHARED',
		hook: 'B',
		side: 'FS',
		title: 'state B of the mail: nodes share a file read-only',
		help: 'Reads and read faults take the lock shared, and stores upgrade it. If off, every access takes it exclusively, the first step of the mail. "Enabling the shared state should simply give increased performance, not any new functionality."',
		files: ['ogfs/fs/glock.ts', 'ogfs/fs/ops_vm.ts', 'ogfs/fs/ops_file.ts'],
		depends: ['PAGE_MKWRITE', 'SHARED_PROT_RO'],
		history: 'the "ifdef" of the mail of 20 August 2003',
		fate: 'GFS2 has shared since it has page_mkwrite (3cc3f710ce0e)',
	},
	{
		name: 'OGFS_BLOCK_FAULTS_FIRST',
		hook: 'H24',
		side: 'FS',
		title: 'a revoke blocks new faults before it unmaps',
		help: 'The revoke sets GLF_LOCK before it takes the ptes out. So a new fault, or one that runs again because truncate_count changed, waits until the revoke has ended. If off, a wanted lock is still granted to local tasks, and the ptes are taken out before GLF_LOCK is set; a fault in between finds the page in the cache and maps it again.',
		files: ['ogfs/fs/glock.ts', 'ogfs/fs/glops.ts'],
		history: 'the first line of "Release a lock" in the mail',
		fate: 'GFS1 and GFS2 hold GLF_LOCK all through a demotion',
	},
	{
		name: 'OGFS_REVOKE_ORDER',
		hook: 'H11',
		side: 'FS',
		title: 'a revoke unmaps before it writes out',
		help: 'Dirty bits are in the ptes. Taking the ptes out moves them to the pages, and then the pages are written. If off, the revoke writes out, then unmaps; what a program stores in between is dropped with the cache.',
		files: ['ogfs/fs/glops.ts'],
		depends: ['INVALIDATE_MMAP_RANGE'],
		history: 'the order of "Release a lock" in the mail',
		fate: 'not everybody began with it. OCFS2 as it was merged first wrote out, and unmapped last (944d79559d15); 2.6.20 has it turned round, and 6.18 gives the dirty bit as the reason. GFS1 and GFS2 unmap first',
	},
	{
		name: 'OGFS_DROP_LAST',
		hook: 'H11',
		side: 'FS',
		title: 'a revoke drops the cache after it unmapped',
		help: 'If off, the cache is dropped first. invalidate_mmap_range() unmaps pages that have left the cache all the same. unmap_mapping_range() with even_cows 0 does not, since they are pages of no file any more: they stay mapped for ever.',
		files: ['ogfs/fs/glops.ts'],
		depends: ['INVALIDATE_MMAP_RANGE'],
		alternatives: ['EVICT_MAPPING_RANGE'],
		history: 'the order of "Release a lock" in the mail; by reading zap_pte_range() of 2.6.9',
		fate: 'OCFS2 as it was merged dropped the cache before it unmapped (944d79559d15), and does it the other way round today. GFS2 of 6.18 unmaps first',
	},
	{
		name: 'OGFS_READPAGE_WAIT',
		hook: 'H20b',
		side: 'FS',
		title: '->readpage waits for its lock before it has the page looked for again',
		help: 'With AOP_TRUNCATED_PAGE ->readpage tries its lock while the page is locked, and lets the page go if it does not get it. Without this symbol it returns at once: the caller finds the page, tries again, and so on for ever if the holder of the lock is never asked. With it ->readpage waits for the lock with no page locked, and lets it go again. The node then has the lock, unless another node has asked for it, and the next attempt succeeds.',
		files: ['ogfs/fs/ops_address.ts'],
		depends: ['AOP_TRUNCATED_PAGE'],
		history:
			'J. Kara (c7e25e6e0b04), of a semaphore of OCFS2; 2.6.32 does not have it yet. The commit itself was not read again',
		fate: 'ocfs2_inode_lock_with_folio() of 6.18 waits for the lock and lets it go. GFS2 kept the lock until it was called again (2.6.26); today it takes the lock outside, in its fault and read methods',
	},
	{
		name: 'OGFS_GREEDY',
		hook: 'H21',
		side: 'FS',
		title: 'after a fault a node keeps the lock for a time, so that the page can be used',
		help: 'A fault holds the lock while it brings the page, but not when the access is repeated after it. A node that wants the file too may take it away in between, and this one takes it back in turn: both are busy for ever. With this symbol a fault starts a timer, and demotions wait until it has run down. The length of the timer adapts to how often the file faults. It is modelled in tests that ask for it (Bounds: GREEDY=1, Overtaken:); in others a callback may be under way for as long as a timer would run.',
		files: ['ogfs/fs/greedy.ts', 'ogfs/fs/glock.ts', 'ogfs/fs/ops_vm.ts'],
		history: 'K. Preslan, GFS1, 13 September 2004 (801dd5489, bug 126531)',
		fate: 'GFS2 got a minimum hold time of each lock in August 2007 (c4f68a130fc1), because faults went round in this circle',
	},
	{
		name: 'OGFS_GREEDY_FLOOR',
		hook: 'H21b',
		side: 'FS',
		title: 'the time for which a node keeps the lock after a fault is never less than a quantum',
		help: 'The rule of GFS1 measures how often the file faults. With one fault per hold, the hold time alternates between one tick and one quantum. A tick may end before the page was used. If a store asks for the exclusive lock at once, every second attempt has a quantum and succeeds. Where nodes share the file, a store makes the lock greedy twice, shared and after the upgrade: then the shared lock may get the quantum and the exclusive one the tick, each time.',
		files: ['ogfs/fs/greedy.ts'],
		depends: ['OGFS_GREEDY'],
		history: 'found by this project (S91)',
		fate: 'the hold time of GFS2 has a least value (GL_GLOCK_MIN_HOLD)',
	},
	{
		name: 'OGFS_FENCING',
		hook: 'H27',
		side: 'FS',
		title: 'a dead node is fenced off the disk before its locks are given to others',
		help: 'What a node had handed to the disk when it died may land at any time. No other node may have its locks before that has an end: the path from the node to the disk is cut (at the switch, or by power), and its locks are released after that. If off, they are released when the death is noticed, and an old page overwrites what another node has written since.',
		files: ['harness/world/death.ts'],
		history: 'GFS fences first, always: the lock module calls for it',
		fate: 'GFS2 fences first as well; of other file systems this was not looked up',
	},
	{
		name: 'OGFS_RECOVERY_GATE',
		hook: 'H27',
		side: 'FS',
		title: 'the locks of a dead node are withheld until its journal is replayed',
		help: 'What a node had committed may be in its journal only. Until a survivor has written it in place, no node gets a lock that the dead node had, except for requests of the recovery itself (LM_FLAG_NOEXP). If off, the locks are released when the death is noticed: the next holder reads the inode as it was before, and the replay may overwrite what it writes.',
		files: ['ogfs/locking/lockmodule.ts', 'ogfs/locking/central.ts'],
		history: 'lm_recovery_done() and LM_FLAG_NOEXP of GFS1',
		fate: 'GFS2 blocks its lock space until recovery is done',
	},
	{
		name: 'OGFS_ORDERED_DATA',
		hook: 'H27',
		side: 'FS',
		title: 'data are on the disk before the log that says where they are',
		help: 'A revoke and fsync wait for the data before they flush the log. If off, as in GFS1, the write of the data is started, the log is flushed, the inode is written in place, and the wait for the data comes last. A node that dies in between leaves an inode with a block that still has the data of its former owner.',
		files: ['ogfs/fs/glops.ts', 'ogfs/fs/ops_file.ts'],
		history: 'by reading inode_go_sync() of GFS1 (S39)',
		fate: 'GFS2 has data=ordered',
	},
	{
		name: 'OGFS_DROP_BEFORE_UNLOCK',
		hook: 'H11',
		side: 'FS',
		title:
			'where the cache is looked at without the lock, it is dropped before the lock is given up',
		help: 'GFS1 gives the lock up first and drops the cache after that, with GLF_LOCK set: a task that takes the lock to look at the cache waits. That does not help where a read looks at the cache before it has the lock (Bounds: READPAGE_LOCKS=1): the other node may have stored already. There the order must be that of the mail: drop, and acknowledge last. Elsewhere this symbol changes nothing.',
		files: ['ogfs/fs/xmote.ts'],
		depends: ['INVALIDATE_MMAP_RANGE'],
		history: 'the order of "Release a lock" in the mail; drop_bh() of GFS1 has the other',
		fate: 'GFS2 has dropped the cache before it tells the lock module since 2.6.26',
	},
	{
		name: 'OGFS_IDLE_UNMAP',
		hook: 'H5',
		side: 'FS',
		title: 'a lock that is given up because nobody holds it is revoked like any other',
		help: 'A node gives up a lock that no task holds when it was not used for a while (gt_demote_secs), or when the lock module is short of memory (LM_CB_DROPLOCKS). A mapping holds no lock, so a file without a holder may still be mapped. If off, the node takes a file that no task holds for a file that no task has mapped, and does not unmap it.',
		files: ['ogfs/fs/daemon.ts', 'ogfs/fs/glops.ts'],
		depends: ['INVALIDATE_MMAP_RANGE'],
		history: 'by reading gfs_glock_cb() and gfs_reclaim_glock() of GFS1, which queue a demotion',
		fate: 'GFS1 and GFS2 demote such a lock like any other',
	},
	{
		name: 'OGFS_REFRESH_INODE',
		hook: 'H28',
		side: 'FS',
		title: 'a fault looks at the size of the file under the lock',
		help: 'The size that a node remembers is right only while it has the lock. The node reads it again when the lock is granted, so a fault must take the lock before it looks at the size. If off, ->nopage looks first: another node has made the file longer meanwhile, and the access gets SIGBUS.',
		files: ['ogfs/fs/ops_vm.ts'],
		history: 'by reading filemap_nopage() of 2.4.22; go_lock of GFS1 reads the inode',
		fate: 'gfs2_fault() of 6.18 takes the glock before it calls filemap_fault()',
	},
	{
		name: 'OGFS_BOTH_SHARE_LISTS',
		hook: 'H29',
		side: 'FS',
		title: 'a revoke unmaps private mappings of the file as well as shared ones',
		help: 'A private mapping shows the file until the process stores to it. A MAP_SHARED mapping of a file that is open for reading only is on the list of the private ones. If off, a revoke walks the list of shared mappings by itself.',
		files: ['ogfs/fs/glops.ts'],
		depends: ['INVALIDATE_MMAP_RANGE'],
		history: 'by reading do_mmap_pgoff() of 2.4.22',
		fate: 'one prio_tree holds both in 2.6.9',
	},
	{
		name: 'OGFS_CONVERT',
		hook: 'H26',
		side: 'FS',
		title: 'of two nodes that share a lock and both ask for more, the lock manager demotes one',
		help: 'Two nodes share a file and both want to write to it. Each asks for the exclusive lock and waits until the other has given the shared one up; neither does so while it waits. The exclusive-only profiles have this case too, since fsync takes the lock shared. A lock manager that queues conversions (the module dlm) has to take the shared lock away from one of them (CONVDEADLK). It tells that node with the grant that it may not keep its cache, and the node must have taken its ptes out before it asked. If off, both wait for ever. The central lock manager and memexp refuse one of the two requests instead, and that node drops its lock and asks again.',
		files: ['ogfs/locking/dlm.ts', 'ogfs/fs/glock.ts'],
		history: 'the question of D. Vogt in August 2003; lock_dlm of GFS1 asks with CONVDEADLK',
		fate: 'GFS2 asked with CONVDEADLK in 2.6.24 and 2.6.26. In 6.18 it does not, and a node whose conversion is refused unlocks and tries again (finish_xmote), as the mail has it',
	},
	{
		name: 'OGFS_RECURSION',
		hook: 'H19',
		side: 'FS',
		title: 'a task that holds a lock joins itself',
		help: 'A fault inside a read may ask for a lock that its own task holds. The task gets the lock at once, also if another node wants it. If off, the second request queues behind the demotion, which waits for the first holder to let go: the task waits for itself.',
		files: ['ogfs/fs/glock.ts'],
		alternatives: ['NOFAULT_COPY'],
		history: 'add_to_queue() of GFS1',
		fate: 'GFS2 has none: it copies with faults disabled since 5.16',
	},
	{
		name: 'OGFS_DEFERRED',
		hook: 'H23',
		side: 'FS',
		title: 'direct I/O takes the lock in the state DEFERRED',
		help: 'In this state a node caches nothing. What the node has mapped and cached goes to the disk and leaves the cache before the transfer, and nodes that do direct I/O do not wait for each other. If off, a direct transfer takes the lock as other reads and writes do: what this node itself has stored through a mapping is in its cache, and the disk is older.',
		files: ['ogfs/fs/xmote.ts', 'ogfs/fs/ops_file.ts'],
		depends: ['INVALIDATE_MMAP_RANGE'],
		history: 'do_direct_read() and do_direct_write() of GFS1',
		fate: 'GFS1 and GFS2 do it so',
	},
	{
		name: 'OGFS_POPULATE_LOCKED',
		hook: 'H16b',
		side: 'FS',
		title: '->populate keeps the lock until the pages are mapped',
		help: 'Unlike ->nopage, ->populate maps the pages itself. So the file system can hold its lock around all of it, as it does around do_no_page with VM_DO_NO_PAGE. Then no revoke comes between finding a page and mapping it, and install_page() need not look again.',
		files: ['ogfs/fs/ops_vm.ts'],
		alternatives: ['POPULATE_RECHECK'],
		history: 'found by this project (S09)',
		fate: '->fault replaced ->populate in 2.6.23; GFS1 of 2004 has no ->populate',
	},
	{
		name: 'OGFS_WALK_VM',
		hook: 'H19b',
		side: 'FS',
		title: 'read and write take the lock of the file behind the buffer beforehand',
		help: 'The file system looks at the mappings of the user buffer under mmap_sem. Then it takes the locks of all files involved, by number and exclusive before shared, and faults in the copy find them there. So two calls do not wait for each other (S43). It is not enough: the buffer may be mapped anew after it was looked at (S48); the copy still waits for mmap_sem with the locks held (S44), and for the lock of the page that is written (S42); and it leaves zeros if it fails.',
		files: ['ogfs/fs/walk.ts', 'ogfs/fs/ops_file.ts', 'vfs/kernel/lockdep.ts'],
		alternatives: ['NOFAULT_COPY'],
		history:
			'GFS1: walk_vm() and gfs_glock_nq_m(); "careful not to take the locks in opposite order" in the mail',
		fate: 'GFS2 copied with the lock alone, and since 5.16 with faults disabled',
	},
	{
		name: 'OGFS_READDIR_BUFFER',
		hook: 'H19c',
		side: 'FS',
		title: 'getdents copies entries to the user when the lock of the directory has been let go',
		help: 'getdents() copies each entry to the user while the file system holds the lock of the directory. If the buffer is in a mapping the copy faults, and the fault wants the lock of another file. A task that holds that lock may be waiting for the directory (S50). With this symbol the entries go to a buffer of the kernel first, and to the user after the lock was let go. GFS1 looked at the mappings of the buffer beforehand (OGFS_WALK_VM) for read and write only.',
		files: ['ogfs/fs/ops_file.ts'],
		alternatives: ['NOFAULT_COPY'],
		history: 'readdir_bad() of GFS1, for the NFS server only',
		fate: 'GFS2 collects and sorts the entries in memory, but copies them with the lock held (gfs2_readdir)',
	},
	{
		name: 'OGFS_SYNC_PAGES',
		hook: 'H30',
		side: 'FS',
		title: 'a revoke writes out page by page, locking each',
		help: 'In 2.4 filemap_fdatasync and filemap_fdatawait take a page off the list that the next caller would look at, before they lock it or wait for it. msync and fsync hold i_sem, so they never run at the same time. The sync that the kernel makes of an inode does not hold it, and a revoke cannot: fsync takes the glock under i_sem. So a revoke can find the lists empty while another task is about to write, or is writing, and acknowledges too early. With this symbol it locks every page of the file in turn, writes it if it is dirty, and waits for it.',
		files: ['ogfs/fs/glops.ts'],
		alternatives: ['WRITE_MAPPING_RANGE'],
		history: 'found by this project (S65)',
		fate: '2.6 has a writeback bit and tags instead of lists, and a second caller waits',
	},
	{
		name: 'OGFS_ALLOC_REQUIRED',
		hook: 'H36',
		side: 'FS',
		title: 'a fault that may store has a block for a hole before it maps the page',
		help: 'A page of a hole is in no block of the disk. A store through a mapping calls no function. A dirty page is written when the lock is given up, or when memory is short: that is too late to take the lock of a resource group, or to say that no block is left. With this symbol the fault checks under the exclusive lock whether the page is a hole, takes a block for it, and marks the page dirty, since the block has the contents of another file. Without state B any fault on a mapping that may store does this, because ->nopage does not know whether it is a store: a load in a hole needs a block.',
		files: ['ogfs/fs/ops_vm.ts'],
		history: 'gfs_write_alloc_required() in gfs_sharewrite_nopage() of GFS1',
		fate: 'page_mkwrite of GFS2 allocates (gfs2_allocate_folio_backing)',
	},
	{
		name: 'OGFS_ALLOC_ERROR',
		hook: 'H37',
		side: 'FS',
		title: 'a fault for whose page there is no block ends in SIGBUS',
		help: 'If no block is left for a hole, the file system lets the page go and ->nopage returns none: the program gets SIGBUS, and no pte is made. If off, the fault goes on. In ->nopage it marks the page dirty that it has just let go, through a null pointer, as the first version of GFS1 did; in page_mkwrite the page becomes writable and dirty without a block.',
		files: ['ogfs/fs/ops_vm.ts'],
		depends: ['OGFS_ALLOC_REQUIRED'],
		history: 'the first version of gfs_sharewrite_nopage() of GFS1, June 2004',
		fate: 'GFS2, ext4 and XFS of 6.18 turn the error into SIGBUS with vmf_fs_error()',
	},
	{
		name: 'OGFS_FSYNC',
		hook: 'H38',
		side: 'FS',
		title: 'fsync takes the lock, and writes the inode',
		help: 'fsync() of 2.4.22 writes the dirty pages that this node has in its cache, calls the file system, and waits. In a cluster the dirty pages may be those of another node, and the size of the file and the places of its blocks may not be on the disk. With this symbol ->fsync takes the lock shared, which makes a node that has it exclusively write out; if this node is the one, it writes data and inode itself. msync(MS_SYNC) calls ->fsync and does so too.',
		files: ['ogfs/fs/ops_file.ts'],
		history:
			'gfs_fsync() of GFS1 leaves the writing to the moment when the last holder of the node lets the lock go (GL_SYNC): that may be after fsync() has returned',
		fate: 'gfs2_fsync() flushes the log and the inode',
	},
	{
		name: 'OGFS_DEPEND_SYNC',
		hook: 'H39',
		side: 'FS',
		title: 'the lock of a resource group waits for the inodes that gave blocks back',
		help: 'A truncate frees blocks in the bitmap of a resource group and takes them out of the map of the file. Bitmap and map are under two locks, and each is written when its lock leaves the node. If the resource group leaves first, another node may give the blocks to another file, while the inode of the first file still has them on the disk. As long as the first node lives that does no harm: a reader of the inode takes its lock first. When the node dies, the first file has blocks of the second. With this symbol a resource group remembers which files gave blocks back, and their inodes are written before its lock goes, and before this node takes one of the blocks.',
		files: ['ogfs/fs/rgrp.ts', 'ogfs/fs/glops.ts'],
		history:
			'gfs_depend_sync() of GFS1, for blocks of metadata that its journal has yet to write in place',
		fate: 'GFS2 writes revokes of such blocks to its journal instead',
	},
	{
		name: 'OGFS_UNINTERRUPTIBLE',
		hook: 'H45',
		side: 'FS',
		title: 'no signal ends the wait for a lock',
		help: 'A task waits for a lock as long as another node takes to write out, or to be fenced. If off, a signal ends the wait. The node takes back what it asked the lock module for (lm_cancel), read and write return -ERESTARTSYS, and a program with a handler goes on with EINTR. A system call can return that; a fault has no error code for it, so the program gets SIGBUS because a timer expired. With this symbol the wait goes on, and the signal is taken when the fault or the system call is over. A signal never ends a wait for a resource group, for several locks at once, in ->readpage, in ->populate or for a directory.',
		files: ['ogfs/fs/glock.ts', 'ogfs/fs/ops_vm.ts', 'ogfs/fs/ops_file.ts'],
		alternatives: ['OGFS_FAULT_BLOCKS_SIGNALS'],
		history: 'glock_wait_internal() of GFS1 waits for a completion, and no signal ends it',
		fate: 'GFS2 waits uninterruptibly as well (6.18)',
	},
	{
		name: 'OGFS_FAULT_BLOCKS_SIGNALS',
		hook: 'H46',
		side: 'FS',
		title: 'no signal ends the wait for a lock in a fault',
		help: 'A signal ends the wait for a lock in a system call, which the program can make again, but not in a fault, which cannot report it. OCFS2 blocks all signals of the task during ->fault and ->page_mkwrite; here the wait of a fault does not look at signals. (OCFS2 looks at them between two waits only.)',
		files: ['ogfs/fs/glock.ts', 'ogfs/fs/ops_vm.ts'],
		alternatives: ['OGFS_UNINTERRUPTIBLE'],
		history: 'mmap.c of OCFS2',
		fate: 'in OCFS2 of 6.18 (ocfs2_block_signals); VM_FAULT_RETRY and VM_FAULT_NOPAGE would do as well',
	},
	{
		name: 'OGFS_GFP_NOFS',
		hook: 'H47',
		side: 'FS',
		title: 'what the file system allocates is freed without calling it',
		help: 'If memory is short, a task that allocates with __GFP_FS writes dirty pages itself, with all locks that it holds: ->writepage of its own file system is called in the middle of that file system. And shrink_cache() of 2.4.22 waits for pages that other tasks write because memory is short; such a page is locked while ->writepage runs. GFS1 locks the block map of a file in ->writepage, and allocates with the map locked, in a write and in a fault that fill a hole. In a transaction its ->writepage only marks the page dirty again, so a task does not wait for itself. But it waits for the page that the pageout daemon writes, and the daemon waits for the map. With this symbol the file system allocates with GFP_NOFS: no page is written for the allocation, and none is waited for. For a file system that takes its glock in ->writepage, this also removes the deadlock in which a revoke writes another page of the same file. It does not remove the deadlocks with the pageout daemon, or with generic code, which allocates pages with __GFP_FS: such a ->writepage must not wait for the glock.',
		files: ['ogfs/fs/util.ts', 'ogfs/fs/bmap.ts', 'ogfs/fs/ops_address.ts', 'ogfs/fs/trans.ts'],
		history:
			'by reading gfs_block_map() of GFS1, which allocates with GFP_KERNEL. Its lock of the map is of May 2005 (8a367c928, bug 129468), and with it came what gfs_writepage() does in a transaction: enough on 2.6, where shrink_list() waits for no page',
		fate: 'GFS2 and OCFS2 allocate so in many places; whether in all of them was not checked',
	},
	{
		name: 'OGFS_TAGGED_WRITEOUT',
		hook: 'H48',
		side: 'FS',
		title: 'a downgrade writes out the pages that are marked dirty, and no others',
		help: 'With NOPAGE_LOCKED a revoke locks every page of the file, so it waits for each fault that has a page in hand. Kernels from 2.6 on write out by tag: a page without the dirty tag is passed over, locked or not. With this symbol a downgrade to shared does so, and page_mkwrite marks its page dirty, as it then must. It marks the page after it has let the lock of the file go, as gfs2_page_mkwrite() does, unless OGFS_MKWRITE_DIRTY_FIRST is on. The symbol is in no profile: it is for those who want to see what the order is worth (docs/findings/gfs2-page-mkwrite.md).',
		files: ['ogfs/fs/glops.ts', 'ogfs/fs/ops_vm.ts', 'ogfs/fs/xmote.ts'],
		depends: ['NOPAGE_LOCKED', 'PAGE_MKWRITE', 'OGFS_SYNC_PAGES'],
		history: 'by reading filemap_fdatawrite() and inode_go_sync() of 6.18',
		fate: 'filemap_fdatawrite() of 6.18 returns at once if no page of the file is tagged',
	},
	{
		name: 'OGFS_MKWRITE_DIRTY_FIRST',
		hook: 'H49',
		side: 'FS',
		title: 'page_mkwrite marks the page dirty before it lets the lock of the file go',
		help: 'The write-out of a downgrade then finds the mark, locks the page, and so waits for the fault. If off, a downgrade may come between the two: it passes the page over, since it is clean, and the node goes down to shared; then the fault marks the page and makes it writable, under a shared lock. The next store calls no function, other nodes read the old page, and the store is dropped with the cache.',
		files: ['ogfs/fs/ops_vm.ts'],
		depends: ['OGFS_TAGGED_WRITEOUT'],
		history:
			'found by reading three trees, by this model, and shown on a running kernel (docs/findings/gfs2-page-mkwrite.md)',
		fate: 'OCFS2 of 6.18 has this order; GFS2 of 6.1 to 6.19 has the other',
	},
];
