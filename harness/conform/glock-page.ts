// SPDX-License-Identifier: GPL-2.0-only
/** docs/glock.md: the states of a glock and the transitions between them, from the sources. */
import { type Transition, transitions } from '../../ogfs/fs/transitions.ts';

const HEAD = `# The states of a glock

Generated from \`ogfs/fs/transitions.ts\` by \`vfshook docs\`; do not edit.

A glock is a lock of the cluster as one node sees it (\`ogfs/fs/glock.ts\`, after glock.c of GFS1). Its state is
what the node has, whether a task of it holds the glock or not; it is kept until another node wants it, or until
it is given up as idle (\`Bounds: GLOCK_RECLAIM=n\`, \`DROPLOCKS=n\`).

| state | what the node may do | together with, on other nodes |
| --- | --- | --- |
| \`UNLOCKED\` | nothing: no pte, no cache | anything |
| \`SHARED\` | read, map read-only, cache | \`SHARED\` |
| \`DEFERRED\` | direct I/O; no pte, no cache | \`DEFERRED\` |
| \`EXCLUSIVE\` | everything | nothing but \`UNLOCKED\` |

A holder that asks for \`SHARED\` is content with \`EXCLUSIVE\`, unless \`GL_EXACT\`; with \`LM_FLAG_ANY\` any state but
\`UNLOCKED\` will do. \`GLF_LOCK\` is set as long as a transition is under way: nobody gets the glock then.

## Transitions

What is done is that of a file's glock (\`ogfs_inode_glops\`); the other types (resource groups, journals, locks of
nothing on the disk) have nothing to unmap. The work is in this order with all symbols of a profile on. A test of
the suite holds this table against what all scenarios do in all profiles: no transition that is not here, and none
here that no scenario makes, unless it is said why.

| from | to | on whose demand | what is done | seen |
| --- | --- | --- | --- | --- |`;

const TAIL = `
## What is the type's own

\`ogfs_glock_operations\` has these members (\`ogfs/fs/glops.ts\`); null where there is nothing to do.

| member | when | of a file |
| --- | --- | --- |
| \`go_xmote_th\` | before the lock module is asked, by who has some of it already | unmap, then \`ogfs_glock_xmote_th()\` |
| \`go_xmote_bh\` | it has answered | |
| \`go_drop_th\` | before the lock is given up | unmap, then \`ogfs_glock_drop_th()\` |
| \`go_drop_bh\` | it was | |
| \`go_sync\` | an exclusive lock goes down | write out pages, size, block map |
| \`go_inval\` | what is remembered may be wrong from now on | drop the cache; the inode is to be read again |
| \`go_demote_ok\` | may it be given up though nobody asked? | yes |
| \`go_lock\` | the first holder has it, in that task, \`GLF_LOCK\` set | read the inode, if its version is another |
| \`go_unlock\` | the last holder lets it go | |
| \`go_callback\` | another node wants it | only without \`OGFS_BLOCK_FAULTS_FIRST\`: unmap, too early |
`;

const row = ({ from, to, by, work, unseen }: Transition): string =>
	`| ${[`\`${from}\``, `\`${to}\``, by, work, unseen ? `no: ${unseen}` : 'yes'].join(' | ')} |`;

/** The mark of ogfs/fs/transitions.ts that a transition leaves. */
export const markOf = ({ from, to }: Transition): string => `glock: ${from} to ${to}`;

export function glockPage(): string {
	return `${HEAD}\n${transitions.map(row).join('\n')}\n${TAIL}`;
}
