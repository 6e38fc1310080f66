// SPDX-License-Identifier: GPL-2.0-only
/** vfshook list: the names that the command line takes. */
import { BOUNDS, type Bound, boundOf, rangeOf, settable } from '../conform/bounds.ts';
import { PROFILES, profileOf, suggestion, symbols, UsageError } from '../conform/config.ts';
import { PROPERTIES, type PropertyInfo, propertyNames } from '../conform/properties.ts';
import { classics, readTest, suite, testId } from '../conform/scenarios.ts';
import { fold } from './output.ts';

function firstSentence(text: string): string {
	return text.replace(/\s+/g, ' ').split(/(?<=[.?])"?\s/)[0];
}

/** When a property is checked. */
const CHECKED: Record<PropertyInfo['of'], string> = {
	state: 'in every state',
	step: 'in steps',
	end: 'at the end of executions',
	search: 'over the whole search',
};

function scenarios() {
	return [...suite(), ...classics()].map((file) => {
		const { header, processes, name } = readTest(file);
		return {
			id: testId(file),
			name,
			summary: firstSentence(header.text),
			programs: processes.length,
			results: header.results,
			...(Object.keys(header.progress).length > 0 && { progress: header.progress }),
			needs: header.needs,
			source: header.source.join('; '),
		};
	});
}

export const LISTS: Record<string, { json: () => unknown; text: () => string }> = {
	scenarios: {
		json: scenarios,
		text: () =>
			scenarios()
				.map((s) => `${s.id}\n${fold(s.summary, 4)}`)
				.join('\n'),
	},
	symbols: {
		json: () => symbols,
		text: () =>
			symbols
				.map((s) => {
					const alternatives = s.alternatives
						? `\n${fold(`alternatives: ${s.alternatives.join(', ')}`, 4)}`
						: '';
					return `${s.name}  (${s.hook}, ${s.side})\n${fold(s.title, 4)}${alternatives}`;
				})
				.join('\n'),
	},
	profiles: {
		json: () => PROFILES,
		text: () =>
			PROFILES.map(
				(p) => `${p.name}\n${fold(p.title, 4)}\n${fold(profileOf(p.name).on.join(' '), 4)}`,
			).join('\n'),
	},
	bounds: {
		json: () => Object.entries(BOUNDS).map(([name, bound]) => ({ name, ...bound })),
		text: () =>
			[...new Set([...settable('--set'), ...settable('Bounds:')])]
				.map((name) => {
					const bound = boundOf(name) as Bound;
					const places = bound.where === 'both' ? '--set, Bounds:' : bound.where;
					const where = [places, ...(bound.field ? [bound.field] : [])].join(', ');
					return `${name}  (${where})\n${fold(rangeOf(bound), 4)}`;
				})
				.join('\n'),
	},
	properties: {
		json: () => propertyNames.map((name) => ({ name, ...PROPERTIES[name] })),
		text: () =>
			propertyNames
				.map((name) => {
					const { statement, exemptions, of, visible } = PROPERTIES[name];
					const seen = visible ? '; programs can notice' : '';
					const but = exemptions.map((e) => `\n${fold(`but: ${e}`, 4)}`).join('');
					return `${name}  (checked ${CHECKED[of]}${seen})\n${fold(statement, 4)}${but}`;
				})
				.join('\n'),
	},
};

export function listCommand(what: string, options: { json?: boolean }): number {
	const list = Object.hasOwn(LISTS, what) ? LISTS[what] : undefined;
	if (!list)
		throw new UsageError(
			`list what? '${what}'${suggestion(what, Object.keys(LISTS))}; one of ${Object.keys(LISTS).join(', ')}`,
		);
	process.stdout.write(`${options.json ? JSON.stringify(list.json(), null, '\t') : list.text()}\n`);
	return 0;
}
