'use strict';
/*
 * Shows /status, every two seconds anew. Whatever stands in it is put into the page as text, by textContent alone: a name
 * with markup stays a name. What is there already is kept, so that focus, an open detail and a selection outlive an update.
 */
(() => {
	const POLL_MS = 2000;
	const PATIENCE_MS = 5000;
	const FEW = 8; /* shown of a list until the rest is asked for */
	const SMOOTH = 0.4; /* of a rate: how much the newest two seconds count */

	const $ = id => document.getElementById(id);

	/* make('p.note', 'text', node, …) */
	function make(what, ...children) {
		const [tag, ...classes] = what.split('.');
		const node = document.createElement(tag);
		if (classes.length)
			node.className = classes.join(' ');
		node.append(...children);
		return node;
	}

	function put(node, text) {
		if (node.textContent !== text)
			node.textContent = text;
	}

	function show(node, whether) {
		if (node.hidden === whether)
			node.hidden = !whether;
	}

	/* How things are called */

	function bytes(n) {
		const units = ['B', 'kB', 'MB', 'GB', 'TB'];
		let i = 0;
		for (; n >= 999.5 && i < units.length - 1; i++)
			n /= 1000;
		return `${i === 0 || n >= 99.5 ? Math.round(n) : n.toFixed(1)} ${units[i]}`;
	}

	/* The largest unit and the next, as `ecr-upsertd status` has it. */
	function span(seconds) {
		const units = [[86400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']];
		const whole = Math.max(0, Math.round(seconds));
		const i = units.findIndex(([size]) => whole >= size);
		if (i < 0 || i === 3)
			return `${whole} s`;
		const [size, name] = units[i], [next, nextName] = units[i + 1];
		return `${Math.floor(whole / size)} ${name} ${Math.floor(whole % size / next)} ${nextName}`;
	}

	function ago(time) {
		const seconds = (Date.now() - time) / 1000;
		if (seconds < 5)
			return 'just now';
		if (seconds < 60)
			return `${Math.floor(seconds)} s ago`;
		if (seconds < 3600)
			return `${Math.floor(seconds / 60)} min ago`;
		return seconds < 86400 ? `${Math.floor(seconds / 3600)} h ago` : `${Math.floor(seconds / 86400)} d ago`;
	}

	const clock = time => new Date(time).toLocaleTimeString([], {hour12: false});
	const moment = time => new Date(time).toLocaleString([], {hour12: false});

	/* The hour, with its day when that is another. */
	function until(time) {
		const at = new Date(time), hour = at.toLocaleTimeString([], {hour12: false, hour: '2-digit', minute: '2-digit'});
		return at.toDateString() === new Date().toDateString() ? hour : `${at.toLocaleDateString()}, ${hour}`;
	}

	function putTime(node, iso) {
		const time = Date.parse(iso);
		put(node, Number.isNaN(time) ? '' : ago(time));
		if (node.dateTime !== iso) {
			node.dateTime = iso;
			node.title = Number.isNaN(time) ? '' : moment(time);
		}
	}

	/* Lists whose nodes stay: one for each item, by its key, in the items' order. */

	const listed = new Map(); /* of each list: whether all of it is shown */

	function keep(list, items, keyOf, build) {
		const wanted = new Map(), there = new Map();
		for (const item of items) {
			let key = keyOf(item);
			while (wanted.has(key))
				key += '+';
			wanted.set(key, item);
		}
		for (const node of [...list.children]) {
			if (wanted.has(node.key))
				there.set(node.key, node);
			else
				node.remove();
		}
		let at = list.firstElementChild;
		for (const [key, item] of wanted) {
			let node = there.get(key);
			if (!node) {
				node = build(item);
				node.key = key;
			}
			node.fill(item);
			if (node === at)
				at = at.nextElementSibling;
			else
				list.insertBefore(node, at);
		}
	}

	function moreButton(section, list) {
		const button = make('button.more');
		button.type = 'button';
		button.addEventListener('click', () => {
			listed.set(list, !listed.get(list));
			if (last)
				showStatus(last);
		});
		section.insertBefore(button, section.querySelector('.note'));
		return button;
	}

	function showList(name, items, keyOf, build) {
		const section = $(name), list = section.querySelector('.list');
		const note = section.querySelector('.note'), none = section.querySelector('.none');
		let button = section.querySelector('.more');

		items = items || [];
		keep(list, listed.get(list) ? items : items.slice(0, FEW), keyOf, build);
		show(none, items.length === 0);
		show(list.closest('table') || list, items.length > 0);
		if (note)
			show(note, items.length > 0);
		if (!button && items.length > FEW)
			button = moreButton(section, list);
		if (button) {
			show(button, items.length > FEW);
			put(button, listed.get(list) ? 'Show only the newest' : `Show all ${items.length}`);
			button.setAttribute('aria-expanded', listed.get(list) ? 'true' : 'false');
		}
	}

	/* Where there is one registry it goes without saying. */
	function placeOf(item) {
		const registries = last.registries || [];
		const only = registries.length === 1 && registries[0].host === item.registry;
		return only || !item.registry ? '' : `in ${item.registry}`;
	}

	/* What is under way */

	const rates = new Map(); /* of each transfer: octets, when that was, octets a second */
	const verbs = {upload: 'pushing', blob: 'pulling', manifest: 'manifest'};

	function measure(transfers) {
		const now = performance.now() / 1000, seen = new Set();
		for (const t of transfers) {
			const before = rates.get(t.id);
			seen.add(t.id);
			if (!before || t.bytes < before.bytes) {
				rates.set(t.id, {bytes: t.bytes, at: now, rate: t.seconds > 0 ? t.bytes / t.seconds : 0});
			} else if (now - before.at >= 0.5) {
				const newest = (t.bytes - before.bytes) / (now - before.at);
				rates.set(t.id, {bytes: t.bytes, at: now, rate: before.rate + SMOOTH * (newest - before.rate)});
			}
		}
		for (const id of [...rates.keys()])
			if (!seen.has(id))
				rates.delete(id);
	}

	function buildTransfer(item) {
		const name = make('span.name'), what = make('span.chip'), done = make('span'), speed = make('span');
		const bar = make('progress');
		const node = make('li', make('div.head', name, what), bar, make('div.figures', done, speed));
		bar.setAttribute('aria-label', `${item.repository}: ${item.operation}`);
		node.fill = t => {
			const rate = rates.get(t.id)?.rate || 0;
			put(name, t.repository);
			put(what, verbs[t.operation] || t.operation);
			if (t.total > 0) {
				bar.max = t.total;
				bar.value = Math.min(t.bytes, t.total);
				put(done, `${bytes(t.bytes)} of ${bytes(t.total)} · ${Math.floor(100 * t.bytes / t.total)} %`);
			} else {
				bar.removeAttribute('value');
				put(done, `${bytes(t.bytes)}, the client does not say how much it will be`);
			}
			const left = t.total > 0 && rate > 1 ? (t.total - t.bytes) / rate : NaN;
			put(speed, `${bytes(rate)}/s · for ${span(t.seconds)}${left >= 0.5 ? ` · ${span(left)} left` : ''}`);
		};
		return node;
	}

	/* What was refused */

	function sameName(a, b) {
		return a.registry === b.registry && a.repository === b.repository;
	}

	function buildRefused() {
		const name = make('span.name'), rule = make('span.chip'), since = make('span.chip.good', 'created since');
		const time = make('time'), where = make('p.where'), reason = make('p.reason.words');
		const advice = make('span'), remedy = make('p.remedy', make('b', 'What to do: '), advice);
		const node = make('li', make('div.head', name, rule, since, make('span.aside', time)), where, reason, remedy);
		node.fill = r => {
			put(name, r.repository || '?');
			put(rule, `rule ${r.rule}`);
			show(rule, Boolean(r.rule));
			show(since, (last.created || []).some(c => sameName(c, r) && c.time > r.time));
			putTime(time, r.time);
			put(where, placeOf(r));
			put(reason, sentence(r.reason));
			put(advice, sentence(r.remedy));
			show(remedy, Boolean(r.remedy));
		};
		return node;
	}

	/* A message goes on from the repository's name: here it stands by itself. */
	function sentence(text) {
		text = text || '';
		return text.charAt(0).toUpperCase() + text.slice(1);
	}

	/* What was created */

	function mutability(settings) {
		const words = {
			MUTABLE: 'mutable tags',
			IMMUTABLE: 'immutable tags',
			MUTABLE_WITH_EXCLUSION: 'mutable tags, some not',
			IMMUTABLE_WITH_EXCLUSION: 'immutable tags, some not',
		};
		return words[settings.imageTagMutability] || settings.imageTagMutability;
	}

	function summary(settings) {
		const tags = (settings.tags || []).length;
		return [
			mutability(settings),
			settings.imageScanningConfiguration?.scanOnPush ? 'scan on push' : 'no scan',
			settings.encryptionConfiguration?.encryptionType,
			tags ? `${tags} tag${tags > 1 ? 's' : ''}` : null,
			settings.lifecycle_policy ? 'lifecycle policy' : null,
			settings.repository_policy ? 'repository policy' : null,
		].filter(Boolean).join(' · ');
	}

	function settingsList(settings) {
		const list = make('dl');
		const row = (label, value) => {
			if (value)
				list.append(make('dt', label), make('dd', value));
		};
		const policy = (label, value) => {
			if (value)
				list.append(make('dt', label), make('dd.whole', make('pre', JSON.stringify(value, null, 2))));
		};
		const filters = settings.imageTagMutabilityExclusionFilters || [];
		const scan = settings.imageScanningConfiguration;
		row('Tags of images', settings.imageTagMutability);
		row('but not', filters.map(f => f.filter).join(', '));
		row('Scan on push', scan ? (scan.scanOnPush ? 'yes' : 'no') : '');
		row('Encryption', settings.encryptionConfiguration?.encryptionType);
		row('KMS key', settings.encryptionConfiguration?.kmsKey);
		for (const tag of settings.tags || [])
			row(`Tag ${tag.Key}`, tag.Value || '(empty)');
		policy('Lifecycle policy', settings.lifecycle_policy);
		policy('Repository policy', settings.repository_policy);
		return list;
	}

	function cell(label, ...children) {
		const node = make('td', make('div', ...children));
		node.dataset.label = label;
		node.setAttribute('role', 'cell');
		return node;
	}

	function buildCreated(item) {
		const time = make('time'), where = make('span.where');
		const settings = item.settings
			? make('details', make('summary', summary(item.settings)), settingsList(item.settings))
			: make('span.soft', 'not noted');
		const node = make('tr',
			cell('When', time),
			cell('Repository', make('span.name', item.repository), where),
			cell('For', item.user || make('span.soft', 'not known')),
			cell('By rule', item.rule || make('span.soft', 'none, the defaults')),
			cell('Settings', settings));
		node.setAttribute('role', 'row');
		node.fill = c => {
			putTime(time, c.time);
			put(where, placeOf(c));
		};
		return node;
	}

	/* What is owed */

	function buildPending() {
		const name = make('span.name'), what = make('span.chip'), tries = make('span.aside');
		const where = make('p.where'), error = make('p.error');
		const node = make('li', make('div.head', name, what, tries), where, error);
		node.fill = p => {
			put(name, p.repository);
			put(what, p.what);
			put(tries, p.attempts === 1 ? 'tried once' : `tried ${p.attempts} times`);
			put(where, placeOf(p));
			put(error, p.last_error || '');
			show(error, Boolean(p.last_error));
		};
		return node;
	}

	/* Registries */

	/* [words, whether that is bad] */
	function validity(iso, none, now) {
		if (!iso)
			return none;
		const left = (Date.parse(iso) - now) / 1000;
		return left <= 0 ? [`EXPIRED ${ago(Date.parse(iso))}`, true] : [`valid for ${span(left)}, until ${until(iso)}`, false];
	}

	function putValidity(node, [words, bad]) {
		put(node, words);
		node.classList.toggle('error', bad);
	}

	function buildRegistry() {
		const host = make('p.name'), identity = make('dd.mono'), token = make('dd'), credentials = make('dd');
		const error = make('p.error.reason');
		const list = make('dl', make('dt', 'Identity'), identity, make('dt', 'Token'), token,
			make('dt', 'Credentials'), credentials);
		const node = make('li', host, list, error);
		node.fill = r => {
			const now = Date.now();
			put(host, r.host);
			put(identity, r.identity || 'not known yet');
			putValidity(token, validity(r.token_expires, ['none', true], now));
			putValidity(credentials,
				validity(r.credentials_expire, [r.identity ? 'do not expire' : 'not known yet', false], now));
			put(error, r.last_error || '');
			show(error, Boolean(r.last_error));
		};
		return node;
	}

	/* Budget */

	function showBudget(budget) {
		const {max_per_hour: max = 0, used = 0} = budget || {};
		const bar = $('budget-bar');
		put($('budget-words'), used >= max
			? `All ${max} of this hour are created: pushes of further new names are refused until the oldest is an hour old.`
			: `${used} of ${max} repositories created in the last hour.`);
		bar.max = Math.max(1, max);
		bar.value = Math.min(used, max);
		bar.classList.toggle('full', used >= max);
	}

	/* Charts, as far as /status has a history */

	const SVG = 'http://www.w3.org/2000/svg';
	const WIDTH = 300, HEIGHT = 60;

	function shape(tag, attributes) {
		const node = document.createElementNS(SVG, tag);
		for (const [name, value] of Object.entries(attributes))
			node.setAttribute(name, value);
		return node;
	}

	/* A gap where there is no number; one alone is a dot: a line of no length. */
	function pathOf(values, top) {
		let path = '', pen = 'M';
		values.forEach((value, i) => {
			if (typeof value !== 'number') {
				pen = 'M';
				return;
			}
			const x = values.length > 1 ? i * WIDTH / (values.length - 1) : 0;
			path += `${pen}${x.toFixed(1)} ${(HEIGHT - value / top * HEIGHT).toFixed(1)}${pen === 'M' ? 'h0' : ''}`;
			pen = 'L';
		});
		return path;
	}

	/* 1, 2, 3 or 5 times a power of ten: the least that is not below the largest value. */
	function ceiling(values, least) {
		const most = Math.max(least, ...values.filter(v => typeof v === 'number'));
		const power = 10 ** Math.floor(Math.log10(most));
		return [1, 2, 3, 5, 10].map(n => n * power).find(n => n >= most * 0.999);
	}

	function buildChart(chart) {
		const caption = make('figcaption', make('b', chart.title)), svg = shape('svg',
			{viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img'});
		const top = make('span'), from = make('span');
		const lines = chart.lines.map(line => shape('path', {class: line.kind}));
		const words = chart.lines.map(line => make(`span.key-${line.kind}`));
		const node = make('figure.chart', caption, svg, make('div.scale', from, top));
		caption.append(...words);
		svg.append(shape('path', {class: 'base', d: `M0 ${HEIGHT}H${WIDTH}`}), ...lines);
		node.fill = ({history}) => {
			const step = history.step_s || 1;
			const rows = chart.lines.map(line => history.samples.map(sample => line.of(sample, step)));
			const most = ceiling(rows.flat(), chart.least);
			rows.forEach((row, i) => {
				const newest = row[row.length - 1], line = chart.lines[i];
				lines[i].setAttribute('d', pathOf(row, most));
				put(words[i], `${line.name} ${typeof newest === 'number' ? chart.unit(newest) : '–'}`);
			});
			const minutes = Math.round(history.samples.length * step / 60);
			put(from, minutes ? `${minutes} min ago` : 'just before');
			put(top, `top ${chart.unit(most)}, right is now`);
			svg.setAttribute('aria-label', `${chart.title}: ${words.map(w => w.textContent).join(', ')}, at most ` +
				`${chart.unit(Math.max(0, ...rows.flat().filter(v => typeof v === 'number')))} in ${span(history.samples.length * step)}`);
		};
		return node;
	}

	const perSecond = n => `${n >= 10 || n === 0 ? Math.round(n) : n.toFixed(1)}/s`;
	const charts = [
		{title: 'Requests', unit: perSecond, least: 1, lines: [
			{name: 'all', kind: 'first', of: (s, step) => s.requests / step},
			{name: 'failed', kind: 'alarm', of: (s, step) => s.errors / step}]},
		{title: 'Throughput', unit: n => `${bytes(n)}/s`, least: 1000, lines: [
			{name: 'pushed', kind: 'first', of: (s, step) => s.bytes_in / step},
			{name: 'pulled', kind: 'second', of: (s, step) => s.bytes_out / step}]},
		{title: 'Latency', unit: n => n < 1000 ? `${Math.round(n)} ms` : `${(n / 1000).toFixed(1)} s`, least: 10, lines: [
			{name: 'p50', kind: 'first', of: s => s.p50_ms},
			{name: 'p95', kind: 'second', of: s => s.p95_ms}]},
	];

	function showCharts(status) {
		const enough = status.history?.samples?.length > 1;
		show($('charts'), enough);
		if (enough)
			keep($('charts'), charts.map(chart => ({...chart, history: status.history})), c => c.title, buildChart);
	}

	/* Ready, or what is wrong and what to do */

	function troublesOf(status) {
		const found = new Set();
		const registries = status.registries || [];
		const {max_per_hour: max, used} = status.budget || {};
		const late = (status.pending || []).filter(p => p.last_error).length;
		for (const r of registries)
			if (r.last_error)
				found.add(`${r.host}: ${r.last_error}`);
		if (!status.ready && status.reason && !registries.some(r => r.last_error && status.reason.includes(r.last_error)))
			found.add(sentence(status.reason));
		if (late)
			found.add(`${late === 1 ? 'One thing is' : `${late} things are`} still owed to new repositories, and could not be done: see Still owed.`);
		if (used >= max)
			found.add('The budget of creations is used up: see Budget.');
		return [...found];
	}

	function showState(kind, verdict, meaning, troubles) {
		const state = $('state');
		const list = state.querySelector('.troubles');
		show(state, true);
		state.className = `state ${kind}`;
		put(state.querySelector('.verdict'), verdict);
		put(state.querySelector('.meaning'), meaning);
		keep(list, troubles, text => text, text => {
			const node = make('li', text);
			node.fill = () => {};
			return node;
		});
		show(list, troubles.length > 0);
		document.title = `${verdict} – ecr-upsertd`;
	}

	function showVerdict(status) {
		const troubles = troublesOf(status);
		if (!status.ready)
			showState('bad', 'Not ready', 'Pushes fail until this is repaired. ecr-upsertd doctor tests each part and names the remedy.',
				troubles);
		else if (troubles.length)
			showState('warn', 'Ready, with something to look at', 'Pushes go through.', troubles);
		else
			showState('good', 'Ready', 'Pushes go through, and a repository that is missing is created on its first push.', []);
	}

	function tile(name, count, kind) {
		put($(`n-${name}`), String(count));
		$(`n-${name}`).parentNode.className = count > 0 ? kind : '';
	}

	let last = null; /* status that is shown */
	let seen = 0; /* when it came */

	function showStatus(status) {
		const byTime = item => `${item.registry} ${item.repository} ${item.time}`;
		const transfers = status.transfers || [], budget = status.budget || {};
		last = status;
		showVerdict(status);
		show($('shown'), true);
		$('shown').classList.remove('stale');
		put($('about'), `${status.version}, up for ${span(status.uptime_s)}`);
		tile('transfers', transfers.length, 'good');
		tile('refused', (status.refused || []).length, 'warn');
		tile('created', (status.created || []).length, '');
		tile('pending', (status.pending || []).length, 'warn');
		tile('budget', budget.used || 0, budget.used >= budget.max_per_hour ? 'bad' : '');
		put($('n-max'), `of ${budget.max_per_hour} this hour`);
		measure(transfers);
		showList('transfers', transfers, t => String(t.id), buildTransfer);
		showList('refused', status.refused, byTime, buildRefused);
		showList('created', status.created, byTime, buildCreated);
		showList('registries', status.registries, r => r.host, buildRegistry);
		showList('pending', status.pending, p => `${p.registry} ${p.repository} ${p.what}`, buildPending);
		showBudget(status.budget);
		showCharts(status);
	}

	function showLink(kind, text) {
		$('link').className = `link ${kind}`;
		put($('link'), text);
	}

	function showLost(why) {
		const since = seen ? `since ${clock(seen)}` : 'yet';
		$('shown').classList.add('stale');
		showLink('lost', `not connected ${since}`);
		showState('bad', `Not connected ${since}`, seen
			? 'What stands below is as it was then. The daemon was stopped, or does not answer:'
			: 'The daemon does not answer:',
		[why, 'As a service: systemctl status ecr-upsertd shows whether it runs, journalctl -u ecr-upsertd what it said last.',
			'This page goes on by itself as soon as it answers again.']);
	}

	/* The next look */

	let timer = 0;
	let asking = null; /* the request under way */

	async function ask(signal) {
		const answer = await fetch('status', {cache: 'no-store', signal});
		if (!answer.ok)
			throw new Error(`/status answers ${answer.status}: ${(await answer.text()).trim().slice(0, 300)}`);
		return answer.json();
	}

	/* Nothing when the answer is not wanted any more. */
	async function fetchStatus(request) {
		const patience = setTimeout(() => request.abort(), PATIENCE_MS);
		try {
			return await ask(request.signal);
		} catch (error) {
			if (asking === request)
				showLost(error.name === 'AbortError' ? `No answer within ${PATIENCE_MS / 1000} s.`
					: error instanceof TypeError ? 'No connection.' : error.message);
			return null;
		} finally {
			clearTimeout(patience);
		}
	}

	async function look() {
		const request = new AbortController();
		asking = request;
		const status = await fetchStatus(request);
		if (asking !== request)
			return;
		asking = null;
		timer = setTimeout(look, POLL_MS);
		if (!status)
			return;
		/* A newer daemon has a newer page. */
		if (last && last.version !== status.version) {
			location.reload();
			return;
		}
		seen = Date.now();
		showLink('live', `live, ${clock(seen)}`);
		showStatus(status);
	}

	/* Nobody looks: nothing is asked. */
	function pauseOrGoOn() {
		clearTimeout(timer);
		if (document.hidden) {
			asking?.abort();
			asking = null;
			showLink('', 'paused');
		} else if (!asking) {
			look();
		}
	}

	document.addEventListener('visibilitychange', pauseOrGoOn);
	pauseOrGoOn();
})();
