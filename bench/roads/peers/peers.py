"""OSRM and Valhalla asked what we are asked; each call prints one line of JSON.

CPU times are user and system of all threads; the start of Python and of its modules is not in them.
Memory is the peak of a process, Python included where the engine runs inside it.
"""

import csv
import json
import os
import shutil
import statistics
import sys
import time
from importlib.metadata import version
from pathlib import Path

N_WARM = 50
MATRIX_SIDE = 200
N_ISOCHRONES = 100
N_RUNS = 3
# A matrix that takes longer is made once.
MATRIX_S_AGAIN = 2.0


def run(command, log):
    """Runs a tool of one thread: its CPU seconds and peak of memory."""
    with open(log, "ab") as out:
        actions = [(os.POSIX_SPAWN_DUP2, out.fileno(), 1), (os.POSIX_SPAWN_DUP2, out.fileno(), 2)]
        words = [str(word) for word in command]
        pid = os.posix_spawn(words[0], words, os.environ, file_actions=actions)
        _, status, usage = os.wait4(pid, 0)
    if status != 0:
        sys.exit(f"{' '.join(words)} failed: read {log}")
    return {
        "name": Path(words[0]).name,
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "peak_mb": usage.ru_maxrss / 1024,
    }


def peak_mb():
    lines = Path("/proc/self/status").read_text().splitlines()
    line = next(line for line in lines if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def timed(act):
    start = time.process_time()
    value = act()
    return time.process_time() - start, value


def read_pairs(path):
    """((lat, lon), (lat, lon)) of each line."""
    with open(path, newline="") as file:
        return [((a, b), (c, d)) for a, b, c, d in (map(float, row) for row in csv.reader(file))]


def answers(city, pairs):
    """Asks everything, some routes first that are not counted."""
    for pair in pairs[:N_WARM]:
        city.route(*pair)
    route_s, _ = timed(lambda: ask_all(city, pairs))
    starts, goals = (list(side) for side in zip(*pairs[:MATRIX_SIDE]))
    matrix_s, _ = timed(lambda: city.matrix(starts, goals))
    if matrix_s < MATRIX_S_AGAIN:
        again = (timed(lambda: city.matrix(starts, goals))[0] for _ in range(N_RUNS))
        matrix_s = statistics.median(again)
    isochrone_ms = None
    if hasattr(city, "isochrone"):
        some = [start for start, _ in pairs[:N_ISOCHRONES]]
        spent, _ = timed(lambda: [city.isochrone(place) for place in some])
        isochrone_ms = spent / len(some) * 1e3
    peak = peak_mb()
    ways = [city.told(city.route(*pair)) for pair in pairs]
    return {
        "load_ms": city.load_s * 1e3,
        "route_us": route_s / len(pairs) * 1e6,
        "matrix_ms": matrix_s * 1e3,
        "isochrone_ms": isochrone_ms,
        "seconds": [seconds for seconds, _ in ways],
        "metres": [metres for _, metres in ways],
        "peak_mb": peak,
    }


def ask_all(city, pairs):
    """Reads nothing out of the answers: that is dear in Python."""
    for pair in pairs:
        city.route(*pair)


class Osrm:
    """A data set of OSRM, opened."""

    def __init__(self, base, algorithm):
        import osrm

        self.osrm = osrm
        self.load_s, self.engine = timed(
            lambda: osrm.OSRM(
                algorithm=algorithm,
                storage_config=str(base),
                use_shared_memory=False,
                max_locations_distance_table=2 * MATRIX_SIDE,
            )
        )

    def route(self, start, goal):
        ask = self.osrm.RouteParameters(
            coordinates=[start[::-1], goal[::-1]],
            steps=True,
            overview="full",
            geometries="polyline6",
            generate_hints=False,
        )
        try:
            return self.engine.Route(ask)
        except RuntimeError:
            return None

    def told(self, answer):
        if answer is None:
            return None, None
        way = answer["routes"][0]
        # Under `as-ours.lua` weights are seconds too, and finer.
        seconds = way["weight"] if way["weight_name"] == "duration" else way["duration"]
        return seconds, way["distance"]

    def matrix(self, starts, goals):
        ask = self.osrm.TableParameters(
            coordinates=[place[::-1] for place in starts + goals],
            sources=list(range(len(starts))),
            destinations=list(range(len(starts), len(starts) + len(goals))),
            generate_hints=False,
        )
        return self.engine.Table(ask)


def osrm_tool(name):
    import osrm

    return Path(osrm.__file__).parent / "bin" / f"osrm-{name}"


def osrm_build(extract, folder, profile, steps):
    """Makes a data set `city.osrm` in the folder; what each step cost."""
    import osrm

    folder, log = fresh(folder)
    source = folder / f"city.{Path(extract).name.split('.', 1)[1]}"
    source.symlink_to(Path(extract).resolve())
    if profile == "car":
        profile = Path(osrm.__file__).parent / "share" / "profiles" / "car.lua"
    costs = [run([osrm_tool("extract"), "-t", 1, "-p", profile, source], log)]
    for step in steps.split(","):
        costs.append(run([osrm_tool(step), "-t", 1, folder / "city.osrm"], log))
    return costs


def osrm_answers(folder, algorithm, pairs):
    return answers(Osrm(Path(folder) / "city.osrm", algorithm), read_pairs(pairs))


def osrm_traffic(folder, speeds, pairs):
    """A file of speeds laid on a copy of the data set: CPU up to the first answer."""
    folder, copy = Path(folder), Path(f"{folder}-traffic")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder, copy, symlinks=True)
    base, log = copy / "city.osrm", copy / "log"
    cost = run([osrm_tool("customize"), "-t", 1, "--segment-speed-file", speeds, base], log)
    city = Osrm(base, "MLD")
    pairs = read_pairs(pairs)
    first_s, _ = timed(lambda: city.route(*pairs[0]))
    return {
        "cpu_ms": (cost["cpu_s"] + city.load_s + first_s) * 1e3,
        "seconds": [city.told(city.route(*pair))[0] for pair in pairs],
    }


def fresh(folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder = Path(folder)
    folder.mkdir(parents=True)
    return folder, folder / "log"


def valhalla_build(extract, folder):
    import valhalla

    folder, log = fresh(folder)
    (folder / "tiles").mkdir()
    config = valhalla.get_config(tile_extract="", tile_dir=folder / "tiles")
    for absent in ("admin", "timezone", "landmarks", "traffic_extract", "transit_dir", "transit_feeds_dir"):
        config["mjolnir"][absent] = ""
    limits = config["service_limits"]["auto"]
    limits |= {"max_locations": 2 * MATRIX_SIDE, "max_matrix_location_pairs": MATRIX_SIDE**2}
    (folder / "valhalla.json").write_text(json.dumps(config))
    tool = Path(valhalla.__file__).parent / "bin" / "valhalla_build_tiles"
    return [run([tool, "-c", folder / "valhalla.json", "-j", 1, extract], log)]


class Valhalla:
    """A set of tiles of Valhalla, opened."""

    def __init__(self, config):
        import valhalla

        self.error = valhalla.ValhallaError
        self.load_s, self.actor = timed(lambda: valhalla.Actor(str(config)))

    @staticmethod
    def places(places):
        return [{"lat": lat, "lon": lon} for lat, lon in places]

    def route(self, start, goal):
        ask = {"locations": self.places([start, goal]), "costing": "auto", "units": "km"}
        try:
            return self.actor.route(json.dumps(ask))
        except self.error:
            return None

    def told(self, answer):
        if answer is None:
            return None, None
        summary = json.loads(answer)["trip"]["summary"]
        return summary["time"], summary["length"] * 1e3

    def matrix(self, starts, goals):
        sides = {"sources": self.places(starts), "targets": self.places(goals)}
        return self.actor.matrix(json.dumps(sides | {"costing": "auto"}))

    def isochrone(self, at):
        ask = {
            "locations": self.places([at]),
            "costing": "auto",
            "contours": [{"time": 8}, {"time": 15}],
            "polygons": True,
        }
        return self.actor.isochrone(json.dumps(ask))


def valhalla_answers(folder, pairs):
    return answers(Valhalla(Path(folder) / "valhalla.json"), read_pairs(pairs))


def versions():
    return {name: version(name) for name in ("osrm-bindings", "pyvalhalla")}


if __name__ == "__main__":
    tasks = (versions, osrm_build, osrm_answers, osrm_traffic, valhalla_build, valhalla_answers)
    task = {task.__name__: task for task in tasks}[sys.argv[1]]
    print(json.dumps(task(*sys.argv[2:])))
