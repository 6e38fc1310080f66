// SPDX-License-Identifier: GPL-2.0-only
/** docs/symbols.md: what each configuration symbol is, from the tables of Kconfig.ts. */
import { ogfs_symbols } from '../../ogfs/Kconfig.ts';
import { type KconfigSymbol, vfs_symbols } from '../../vfs/Kconfig.ts';
import { PROFILES } from './config.ts';

const HEAD = `# Configuration symbols

Generated from \`vfs/Kconfig.ts\` and \`ogfs/Kconfig.ts\` by \`vfshook docs\`; do not edit.

Every proposed change is a symbol, so that it can be left out. \`H1\` and so on are the numbers of the
hooks; \`B\` is state B of the mail. With all symbols off the port is 2.4.22, and the file system does
nothing of its part. \`vfshook check S01 --without TRUNCATE_COUNT\` shows what a symbol is for;
\`vfshook conform\` shows which are needed.

Three kinds: an *interface* is a hook that a file system fills or calls, a *repair* mends a fault of the
old kernel that a cluster meets first, and a *duty* is what a file system must do for a hook to mean
anything.

History says where a change comes from, Fate what became of it. Both name what was read: kernels
2.4.22, 2.6.9 and 6.18.2, GFS1 from 24 June 2004 on, and OCFS2 as it was merged were read as trees; mails
are named by list and date; single commits by their first digits. "2.6.23" and other releases in between
come from comparing the releases on both sides. Sources that were not read are marked.`;

const VM = `## Proposed for the kernel

What \`vfs/\` does differently from 2.4.22.`;
const FS = `## Part of the file system

What \`ogfs/\` must do for the hooks of the kernel to mean anything.`;

const code = (text: string): string => `\`${text}\``;
const codes = (list: readonly string[]): string => list.map(code).join(', ');

/** Names of the kernel in a sentence, as code. */
function prose(text: string): string {
	return text.replace(/(?:->)?[A-Za-z_]\w*(?:->\w+)*(?:\((?:[^()\s]|, )*\))?/g, (name) =>
		/_|->|\(/.test(name) ? code(name) : name,
	);
}

function profilesOf(name: string): string {
	const names = PROFILES.filter((p) => p.on.includes(name)).map((p) => p.name);
	return names.length > 0 ? codes(names) : 'none';
}

function table(symbols: readonly KconfigSymbol[]): string {
	const rows = symbols.map((s) => {
		const on = PROFILES.map((p) => (p.on.includes(s.name) ? 'on' : ''));
		return `| [${s.name}](#${s.name.toLowerCase()}) | ${s.hook} | ${s.kind} | ${on.join(' | ')} |`;
	});
	const names = PROFILES.map((p) => p.name).join(' | ');
	const rule = PROFILES.map(() => '---').join(' | ');
	return [`| symbol | hook | kind | ${names} |`, `| --- | --- | --- | ${rule} |`, ...rows].join(
		'\n',
	);
}

function section(symbol: KconfigSymbol): string {
	const { name, hook, title, help, files, exports, depends, alternatives, history, fate } = symbol;
	const lines = [`### ${name}`, '', `${hook}: ${prose(title)}.`, '', prose(help), ''];
	if (depends) lines.push(`- No use without: ${codes(depends)}`);
	if (alternatives) lines.push(`- Does the same job another way: ${codes(alternatives)}`);
	lines.push(`- Profiles: ${profilesOf(name)}`);
	lines.push(`- Touches: ${codes(files)}`);
	if (exports) lines.push(`- A file system finds only with it: ${codes(exports)}`);
	lines.push(`- History: ${prose(history)}`);
	lines.push(`- Fate: ${prose(fate)}`);
	return lines.join('\n');
}

/** The page, whole. */
export function symbolsPage(): string {
	const profiles = PROFILES.map((p) => `- ${code(p.name)}: ${p.title}.`).join('\n');
	const parts = [
		HEAD,
		`## Profiles\n\n${profiles}`,
		table([...vfs_symbols, ...ogfs_symbols]),
		VM,
		...vfs_symbols.map(section),
		FS,
		...ogfs_symbols.map(section),
	];
	return `${parts.join('\n\n')}\n`;
}
