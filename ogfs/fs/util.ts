// SPDX-License-Identifier: GPL-2.0-only
/**
 * Memory for the file system (GFS1: src/gfs/util.c). OpenGFS's own names could not be read; GFS1's
 * are used.
 */
import type { Sleeps } from '../../harness/kts/prelude.ts';
import { GFP_KERNEL, GFP_NOFS } from '../../vfs/include/linux/mm.ts';
import { kmalloc } from '../../vfs/kernel/ksyms.ts';
import { CONFIG_OGFS_GFP_NOFS } from '../Kconfig.ts';

/**
 * gmalloc - memory for a small thing, however long it takes
 *
 * GFS1 has it with GFP_KERNEL: if memory is short, the file system may be called to write pages by
 * the task that is in the file system already, with what it holds. CONFIG_OGFS_GFP_NOFS: it is not.
 *
 * Context: no spin lock held. May sleep.
 */
export function* gmalloc(): Sleeps {
	yield* kmalloc(CONFIG_OGFS_GFP_NOFS ? GFP_NOFS : GFP_KERNEL);
}
