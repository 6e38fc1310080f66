// SPDX-License-Identifier: GPL-2.0-only
/**
 * Edits that a reader once made of the port, one at a time, to see what the comparison notices.
 * Each must be reported, as a difference from C or as a change of what is not held against C.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { loadFacts } from './facts.ts';
import { Bench } from './measure.ts';
import { loadPins } from './pin.ts';
import { symbolsOf } from './symbols.ts';

const root = path.resolve(fileURLToPath(new URL('../..', import.meta.url)));
const bench = new Bench(root, loadFacts(root), (version) => symbolsOf(version), loadPins(root));

type Change = readonly [name: string, what: string, by: string];

const REPORTED: readonly Change[] = [
	[
		'try_to_swap_out',
		'pte_clear(page_table);\n\tflush_tlb_page(vma, address);',
		'flush_tlb_page(vma, address);\n\tpte_clear(page_table);',
	],
	['filemap_fdatasync', 'page.flags &= ~PG_dirty;', ''],
	['do_wp_page', 'spin_unlock(mm.page_table_lock);\n\t\t\treturn', 'return'],
	['do_swap_page', 'spin_unlock(mm.page_table_lock);\n\t\tUnlockPage', 'UnlockPage'],
	['page_not_uptodate', 'UnlockPage(page);\n\t\treturn 1', 'return 1'],
	['do_wp_page', 'if (pte_same(page_table, old_page, pte))', ''],
	['filemap_nopage', 'pgoff >= ', 'pgoff > '],
	['__grab_cache_page', 'if (found.mapping === mapping) return found;', 'return found;'],
	['do_no_page', '!pte_none(page_table)', 'pte_none(page_table)'],
	['handle_pte_fault', '!pte_write(pte)', 'pte_write(pte)'],
	['do_no_page', '!(vma.vm_flags & VM_SHARED)', 'vma.vm_flags & VM_SHARED'],
	['vmtruncate_list', 'mpnt.vm_pgoff >= pgoff', 'mpnt.vm_pgoff > pgoff'],
	['copy_page_range', 'pte &= ~_PAGE_DIRTY', 'pte &= ~_PAGE_RW'],
	['do_no_page', 'maybe_mkwrite(entry | _PAGE_DIRTY, vma)', 'maybe_mkwrite(entry, vma)'],
	['vmtruncate', 'truncate_inode_pages(mapping, offset)', 'truncate_inode_pages(mapping, 0)'],
	['change_protection', 'spin_unlock(mm.page_table_lock);', ''],
	['swap_out_mm', 'spin_lock(mm.page_table_lock)', 'spin_lock(current().mm.page_table_lock)'],
	['mprotect_fixup_all', 'spin_lock(mm.page_table_lock)', 'spin_lock(mm.i_shared_lock)'],
	['set_page_dirty', 'if (PageDirty(page)) return;', ''],
	['move_page_tables', 'flush_tlb_range(vma.vm_mm!, old_addr, old_addr + len);', ''],
	['vmtruncate', 'inode.i_size = offset;\n\t\tyield*', 'yield*'],
	['remove_inode_page', 'page.mapping = null;', ''],
	['swap_out', 'mm.mm_users++;', ''],
	[
		'truncate_inode_pages',
		'UnlockPage(page);\n\t\tpage_cache_release(page);',
		'UnlockPage(page);\n\t\tpage_cache_release(page);\n\t\tpage_cache_release(page);',
	],
	[
		'filemap_fdatasync',
		'page_cache_release(page);\n\t}',
		'page_cache_release(page);\n\t\tbreak;\n\t}',
	],
	[
		'truncate_inode_pages',
		'page_cache_release(page);\n\t\t\tcontinue;',
		'page_cache_release(page);\n\t\t\ti++;\n\t\t\tcontinue;',
	],
	['shrink_cache', '!is_page_cache_freeable(page) || PageDirty(page)', 'PageDirty(page)'],
	['shrink_cache', '|| PageDirty(page)', ''],
	['set_page_dirty', 'if (page.mapping) page.list = LIST_DIRTY;', 'if (page.mapping) return;'],
	[
		'do_swap_page',
		'swap_free(entry);\n\tif (vm_swap_full())',
		'if (vm_swap_full()) swap_free(entry);\n\tif (vm_swap_full())',
	],
	['do_wp_page', 'maybe_mkwrite(pte | _PAGE_DIRTY, vma)', 'pte | _PAGE_DIRTY'],
	[
		'copy_page_range',
		'spin_lock_nested(src.page_table_lock',
		'spin_lock_nested(dst.page_table_lock',
	],
	['shrink_cache', 'yield* spin_lock(lru_lock);', ''],
	['dup_mmap', 'vma_link_beside(tmp, mpnt);', ''],
	[
		'vma_link',
		'yield* lock_vma_mappings(vma);\n\tyield* spin_lock(mm.page_table_lock);',
		'yield* spin_lock(mm.page_table_lock);\n\tyield* lock_vma_mappings(vma);',
	],
	[
		'generic_file_write',
		'\tyield* down(inode.i_sem);\n\tconst',
		'\tyield* down_read(inode.i_alloc_sem);\n\tconst',
	],
	['do_munmap', 'if (!first || first.vm_start >= addr + len) return 0;', ''],
	['filemap_nopage', 'yield* pagecache_step();', ''],
	[
		'get_user_pages',
		'spin_unlock(mm.page_table_lock);\n\t\t\tif (pagefaults_disabled())',
		'if (pagefaults_disabled())',
	],
	['dup_mmap', 'spin_unlock(mapping.i_shared_lock);', ''],
	[
		'change_protection',
		'spin_unlock(mm.page_table_lock);\n\tif (CONFIG_SMP) yield* preempt();\n\tflush_tlb_range(mm, start, end);',
		'flush_tlb_range(mm, start, end);\n\tspin_unlock(mm.page_table_lock);',
	],
];

/** Of code that is there only with symbols of 2.6.9. */
const UNDER_SYMBOLS: readonly Change[] = [
	['do_no_page', 'if (changed) {', 'if (!changed) {'],
	['do_no_page', 'spin_unlock(mm.page_table_lock);\n\t\t\t\tif', 'if'],
	['vmtruncate', 'yield* truncate_count_store(mapping.truncate_count, inode.i_ino);', ';'],
	['handle_pte_fault', 'CONFIG_SET_ACCESS_FLAGS && !write_access', 'CONFIG_SET_ACCESS_FLAGS'],
	['move_one_page', 'yield* lock_vma_mappings(vma);', ';'],
	['move_one_page', 'flush_tlb_page(vma, old_addr);', ';'],
	['do_munmap', 'yield* zap_page_range(mm, st, end - st);\n\t\tyield*', ';yield*'],
	['do_generic_file_read', 'CONFIG_READPAGE_ISIZE && readpage', 'CONFIG_READPAGE_ISIZE'],
	['zap_pte_range', 'ptep.page!.mapping !== check_mapping', 'ptep.page!.mapping === check_mapping'],
	['tlb_remove_page', 'set_page_dirty(page);', ';'],
	[
		'msync_interval',
		'CONFIG_MSYNC_ASYNC_MARKS && flags & MS_ASYNC',
		'CONFIG_MSYNC_ASYNC_MARKS && flags',
	],
];

/** Of bodies that are others than in C, and of those that were. */
const BODIES: readonly Change[] = [
	['lock_page', '() => !PageLocked(page)', '() => true'],
	['down_read', 'sem.activity++;', ';'],
	['spin_unlock', 'lock.locked = false;', ';'],
	['block_prepare_write', 'if (page.flags & BH_Uptodate) return 0;', ''],
	['UnlockPage', '~(PG_locked | PG_launder)', '~PG_locked'],
	['wait_on_page', '() => !PageLocked(page)', '() => PageLocked(page)'],
	['kswapd_balance', 'nodes[node], n', 'nodes[node], 0'],
];

function findings([name, what, by]: Change) {
	const f = bench.port.functions.find((g) => g.name === name)!;
	const text = bench.declaration(f).getText();
	return { text, now: text.replace(what, by), said: bench.findings(f, text.replace(what, by)) };
}

for (const [i, change] of [...REPORTED, ...UNDER_SYMBOLS, ...BODIES].entries())
	test(`${i + 1}: ${change[0]}: ${change[1].split('\n')[0]}`, (t) => {
		const { text, now, said } = findings(change);
		t.not(now, text, 'the port has this text no more: choose another edit of the kind');
		t.true(said.length > 0);
	});

test('nothing is said of a function as it is', (t) => {
	for (const name of new Set(REPORTED.map(([f]) => f))) {
		const f = bench.port.functions.find((g) => g.name === name)!;
		t.deepEqual(bench.findings(f, bench.declaration(f).getText()), []);
	}
});
