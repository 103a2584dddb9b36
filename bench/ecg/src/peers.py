"""Beats by WFDB's XQRS and GQRS and by NeuroKit, for the bench.

usage: peers.py FOLDER

FOLDER/NAME_HZ.f32 holds a lead in millivolts. FOLDER/NAME_HZ.METHOD.csv gets its beats, a sample a line;
what is there already is kept. The last lines printed are METHOD,SAMPLES_PER_CPU_SECOND on the first 5
minutes of the longest lead, measured anew.
"""

import sys
import time
from pathlib import Path

import neurokit2
import numpy
import wfdb.processing


def xqrs(lead, hz):
    return wfdb.processing.xqrs_detect(lead.astype(float), hz, verbose=False)


def gqrs(lead, hz):
    # WFDB's own default is an ADC of 200 units a millivolt around 0.
    adc = numpy.round(lead * 200).astype(int)
    return wfdb.processing.gqrs_detect(d_sig=adc, fs=hz, adc_gain=200, adc_zero=0)


def neurokit(lead, hz):
    cleaned = neurokit2.ecg_clean(lead, sampling_rate=hz)
    return neurokit2.ecg_peaks(cleaned, sampling_rate=hz)[1]["ECG_R_Peaks"]


METHODS = {"xqrs": xqrs, "gqrs": gqrs, "neurokit": neurokit}


def found(method, path):
    lead, hz = numpy.fromfile(path, "<f4"), int(path.stem.split("_")[-1])
    try:
        return METHODS[method](lead, hz)
    except (ValueError, IndexError, ZeroDivisionError) as error:
        print(f"{method} fails on {path.stem}: {error}", file=sys.stderr)
        return []


def main():
    paths = sorted(Path(sys.argv[1]).glob("*.f32"))
    for method in METHODS:
        for path in paths:
            out = path.with_suffix(f".{method}.csv")
            if not out.exists():
                text = "".join(f"{int(sample)}\n" for sample in found(method, path))
                out.write_text(text)
    longest = max(paths, key=lambda path: path.stat().st_size)
    hz = int(longest.stem.split("_")[-1])
    lead = numpy.fromfile(longest, "<f4")[: 300 * hz]
    for method, detect in METHODS.items():
        start = time.process_time()
        detect(lead, hz)
        print(f"{method},{len(lead) / (time.process_time() - start):.0f}")


main()
