// SPDX-License-Identifier: GPL-2.0-only
/** docs/glock.md: the states of a glock and the transitions between them, from the sources. */
import { type Transition, transitions } from '../../ogfs/fs/transitions.ts';

const HEAD = `# The states of a glock

Generated from \`ogfs/fs/transitions.ts\` by \`vfshook docs\`; do not edit.

A glock is a cluster lock as one node sees it (\`ogfs/fs/glock.ts\`, after glock.c of GFS1). Its state is
what the node has, whether or not a task of the node holds the glock. The node keeps it until another node requests
it, or until it gives it up as idle (\`Bounds: GLOCK_RECLAIM=n\`, \`DROPLOCKS=n\`).

| state | what the node may do | together with, on other nodes |
| --- | --- | --- |
| \`UNLOCKED\` | nothing: no pte, no cache | anything |
| \`SHARED\` | read, map read-only, cache | \`SHARED\` |
| \`DEFERRED\` | direct I/O; no pte, no cache | \`DEFERRED\` |
| \`EXCLUSIVE\` | everything | nothing but \`UNLOCKED\` |

A request for \`SHARED\` is also satisfied by \`EXCLUSIVE\`, unless it has \`GL_EXACT\`; with \`LM_FLAG_ANY\`, by any state
but \`UNLOCKED\`. During a transition \`GLF_LOCK\` is set, and no task gets the glock.

## Transitions

The column "what is done" is for the glock of a file (\`ogfs_inode_glops\`), in the order that it has with all symbols
of a profile on. The other types (resource groups, journals, locks that protect nothing on the disk) have nothing to
unmap. A test compares this table with what all scenarios do in all profiles: they make no other transition, and
each transition here is made by a scenario, unless the table says why not.

| from | to | requested by | what is done | seen |
| --- | --- | --- | --- | --- |`;

const TAIL = `
## Operations of the type

\`ogfs_glock_operations\` has these members (\`ogfs/fs/glops.ts\`); null: nothing to do.

| member | when | for a file |
| --- | --- | --- |
| \`go_xmote_th\` | before the lock module is asked, if the node has the lock in another state | unmap, then \`ogfs_glock_xmote_th()\` |
| \`go_xmote_bh\` | after its answer | |
| \`go_drop_th\` | before the lock is given up | unmap, then \`ogfs_glock_drop_th()\` |
| \`go_drop_bh\` | after that | |
| \`go_sync\` | an exclusive lock goes down | write out pages, size, block map |
| \`go_inval\` | from now on cached data may be stale | drop the cache; the next holder reads the inode again |
| \`go_demote_ok\` | may an idle lock be given up without a request? | yes |
| \`go_lock\` | the first holder has it, in that task, \`GLF_LOCK\` set | read the inode, if its version has changed |
| \`go_unlock\` | the last holder releases it | |
| \`go_callback\` | another node requests it | only without \`OGFS_BLOCK_FAULTS_FIRST\`: unmap, too early |
`;

const row = ({ from, to, by, work, unseen }: Transition): string =>
	`| ${[`\`${from}\``, `\`${to}\``, by, work, unseen ? `no: ${unseen}` : 'yes'].join(' | ')} |`;

/** The mark of ogfs/fs/transitions.ts that a transition leaves. */
export const markOf = ({ from, to }: Transition): string => `glock: ${from} to ${to}`;

export function glockPage(): string {
	return `${HEAD}\n${transitions.map(row).join('\n')}\n${TAIL}`;
}
