"""Stands in for the ``chiasma`` command: makes the files each command promises, and does nothing else.

Contents are the command line, so that other numbers give other bytes, as they would in earnest.
"""

import json
import os
import signal
import sys
from pathlib import Path

TRAINED = ("weights.safetensors", "config.json", "history.tsv", "provenance.json")
EVALUATED = {
    "evaluate": ("scores.tsv", "curves.tsv", "pileups.tsv", "provenance.json"),
    "evaluate_maps": ("scores.tsv", "strata.tsv", "provenance.json"),
    "evaluate_profiles": ("scores.tsv", "genes.tsv", "provenance.json"),
    "evaluate_similarities": ("scores.tsv", "pairs.tsv", "provenance.json"),
    "evaluate_tracks": ("scores.tsv", "provenance.json"),
}
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><!-- {} --></svg>'


def option(words, name, default=None):
    return words[words.index(name) + 1] if name in words else default


def promised(command, words):
    """Return the files of a command, from its options alone."""
    output = Path(option(words, "--output"))
    beside = [
        Path(option(words, flag))
        for flag in ("--qc", "--decay")
        if flag in words and command.startswith(("normalise", "pair"))
    ]
    if command == "simulate":
        return [output / name for name in json.loads(Path("simulated.json").read_text())]
    if command == "tile":
        return [output / "index.parquet", output / "arrays/meta.json"]
    if command in ("pretrain", "finetune"):
        return [output / name for name in TRAINED]
    if command in ("predict", "predict_baseline"):
        suffixes = json.loads(Path("predicted.json").read_text())[output.parents[1].name]
        names = [f"{option(words, '--sample')}.{suffix}" for suffix in suffixes]
        return [output / (f"{name}/signal.bw" if name.endswith(".tracks") else name) for name in names]
    if command in EVALUATED:
        return [output / name for name in EVALUATED[command]]
    if command.startswith("draw_"):
        return [output, output.with_suffix(".tsv")]
    return [output, *beside]


def kill_snakemake(half):
    """Write half an output and kill the Snakemake above this process, as a power cut would."""
    half.write_text("half")
    pid = os.getppid()
    while b"snakemake" not in Path(f"/proc/{pid}/cmdline").read_bytes():
        pid = int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    os.kill(pid, signal.SIGKILL)


def main():
    command, words = sys.argv[1], sys.argv[2:]
    if Path("kill-at").exists() and Path("kill-at").read_text() == command:
        kill_snakemake(promised(command, words)[0])
        return
    with open("commands.log", "a") as log:
        log.write(json.dumps([command, *words]) + "\n")
    if command == "share":  # as in earnest: Snakemake sees through a link
        output = Path(option(words, "--output"))
        output.symlink_to(os.path.relpath(words[0], output.parent))
        return
    for path in promised(command, words):
        path.parent.mkdir(parents=True, exist_ok=True)
        text = " ".join([path.name, command, *words])
        path.write_text(SVG.format(text.replace("--", "")) if path.suffix == ".svg" else text + "\n")


if __name__ == "__main__":
    main()
