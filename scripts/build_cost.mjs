// Sums the log of scripts/cpu_noted by package, each with all that it brings.
// usage: node scripts/build_cost.mjs CPU_LOG
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const platform = 'x86_64-unknown-linux-gnu';
const options = ['metadata', '--format-version=1', '--locked', `--filter-platform=${platform}`];
const metadata = JSON.parse(execFileSync('cargo', options, { maxBuffer: 1 << 28 }));
const nodes = new Map(metadata.resolve.nodes.map((node) => [node.id, node]));
const packages = new Map(metadata.packages.map((it) => [it.id, it]));
const ours = new Set(metadata.workspace_members);

/** `1m2.5s` in seconds. */
function seconds(text) {
    const [minutes, rest] = text.split('m');
    return 60 * Number(minutes) + Number.parseFloat(rest);
}

/** CPU seconds by `name version`: its build script and its C code included. */
function readLog(path) {
    const spent = new Map();
    for (const line of readFileSync(path, 'utf8').trim().split('\n')) {
        const [name, version, user, system] = line.split(' ');
        const key = `${name} ${version}`;
        spent.set(key, (spent.get(key) ?? 0) + seconds(user) + seconds(system));
    }
    return spent;
}

/** The package and everything that it needs to be built. */
function closure(id, seen = new Set()) {
    if (seen.has(id)) return seen;
    seen.add(id);
    for (const dep of nodes.get(id).deps) {
        if (dep.dep_kinds.some(({ kind }) => kind !== 'dev')) closure(dep.pkg, seen);
    }
    return seen;
}

const spent = readLog(process.argv[2]);
const cost = (id) => spent.get(`${packages.get(id).name} ${packages.get(id).version}`) ?? 0;
const sum = (ids) => [...ids].reduce((total, id) => total + cost(id), 0);
const named = new Set([...ours].flatMap((id) => nodes.get(id).deps.map((dep) => dep.pkg)));
const others = [...named].filter((id) => !ours.has(id));
const print = (name, all, own) => console.log(`${name.padEnd(24)}${all.padStart(8)}${own.padStart(8)}`);
print('package', 'all', 'alone');
for (const id of others.sort((a, b) => packages.get(a).name.localeCompare(packages.get(b).name))) {
    print(packages.get(id).name, sum(closure(id)).toFixed(1), cost(id).toFixed(1));
}
const everything = new Set(others.flatMap((id) => [...closure(id)]));
print('(all of them)', sum(everything).toFixed(1), '');
print('(our own crates)', sum(ours).toFixed(1), '');
