"""``python -m ml FILE --images DIR --out DIR``: a study without the web application."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from ml.errors import MlError
from ml.pipelines import PipelineSettings
from ml.study.systems import PROTOCOLS, choose_systems

FAILED, WRONG_USAGE, INTERRUPTED = 1, 2, 130


def main(words: Sequence[str] | None = None) -> int:
    """Run a study; return the exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted."""
    parser = _parser()
    arguments = parser.parse_args(words)
    only = (
        None
        if arguments.only is None
        else tuple(name.strip() for name in arguments.only.split(","))
    )
    try:
        choose_systems(only)
    except MlError as error:
        parser.error(str(error))
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # no notes on the processor
    try:
        # After the arguments, so that a wrong one is told without waiting for the model libraries.
        from ml.study.documents import document_of, write_documents
        from ml.study.runner import StudyOptions, run_study
        from ml.study.table_files import read_products

        options = StudyOptions(
            only=only,
            protocols=PROTOCOLS if arguments.protocol == "both" else (arguments.protocol,),
            repeats=arguments.repeats,
            seed=arguments.seed,
        )
        settings = PipelineSettings(backbone=arguments.backbone, weights=arguments.weights)
        arguments.out.mkdir(parents=True, exist_ok=True)
        products = read_products(arguments.file, arguments.images)
        study = run_study(products, options, settings, arguments.out, _say)
        write_documents(study, arguments.out)
    except MlError as error:
        _say(f"ml: {error}")
        return FAILED
    except OSError as error:
        _say(f"ml: {error.strerror or error}" + (f": {error.filename}" if error.filename else ""))
        return FAILED
    except KeyboardInterrupt:
        _say("Stopped. The same command again goes on with what is not finished.")
        return INTERRUPTED
    if arguments.json:
        json.dump(document_of(study), sys.stdout, indent=2, ensure_ascii=False)
        sys.stdout.write("\n")
    else:
        _say(f"The report is {arguments.out / 'study.html'}.")
    return 0


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ml", description="Every pipeline on one file of products, in one table."
    )
    parser.add_argument("file", type=_file, help="CSV in UTF-8: id, description, category, image")
    parser.add_argument("--images", type=_folder, help="folder of the image files")
    parser.add_argument("--out", type=Path, required=True, help="folder of the results")
    parser.add_argument("--only", help="names of systems, separated by commas")
    parser.add_argument("--protocol", choices=[*PROTOCOLS, "both"], default="both")
    parser.add_argument("--repeats", type=_count, default=1)
    parser.add_argument("--seed", type=_seed, default=0)
    parser.add_argument("--backbone", default="VGG16", help="any network of keras.applications")
    parser.add_argument("--weights", type=_file, help="its ImageNet weights without the top")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    return parser


def _file(word: str) -> Path:
    if not Path(word).is_file():
        raise argparse.ArgumentTypeError(f"there is no file {word}")
    return Path(word)


def _folder(word: str) -> Path:
    if not Path(word).is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {word}")
    return Path(word)


def _count(word: str) -> int:
    if not word.isdecimal() or not 1 <= int(word) <= 1000:
        raise argparse.ArgumentTypeError(f"{word} is no number from 1 to 1000")
    return int(word)


def _seed(word: str) -> int:
    if not word.isdecimal() or int(word) >= 2**31:
        raise argparse.ArgumentTypeError(f"{word} is no whole number from 0 below 2,147,483,648")
    return int(word)


if __name__ == "__main__":
    sys.exit(main())
