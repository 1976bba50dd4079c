"""Where the result of ``reconocias annotate`` goes: checked before any work is done."""

from pathlib import Path

from edge_app.core.errors import InputError, OutputError
from edge_app.media.photo import PHOTO_SUFFIXES, is_photo
from edge_app.media.sources import AnySource, PhotoSource, StreamSource, VideoSource
from edge_app.media.video_writer import ODD_SIZE_SUFFIXES, VIDEO_SUFFIXES, is_odd

DATA_ALONE = "none"
"""A word in place of an output: no pictures are written. A file of that name is ./none."""
_MARK = ".annotated"


def choose_output(
    source: AnySource, wanted: str | Path | None, results: Path | None = None
) -> Path | None:
    """The wanted place, or one beside the input; checked to be of the same kind as the source.

    wanted: the word ``DATA_ALONE`` for no pictures; the answer is None then. results: where else
    something is written; checked, too. Raises OutputError for another kind of file, for the input
    itself, for results in the place of the input or the output, and for nothing to write at all;
    InputError for a video that cannot be read, where its size decides.
    """
    if wanted == DATA_ALONE:
        if results is None:
            raise OutputError(
                f"-o {DATA_ALONE}: expected --results FILE beside it, found none; "
                "add it, as nothing would be written"
            )
        _check_results(source, None, results)
        return None
    output = Path(wanted) if wanted else _default(source)
    if isinstance(source, PhotoSource):
        _check_photo_output(source, output)
    elif output.suffix.lower() not in VIDEO_SUFFIXES:
        raise OutputError(
            f"{output}: expected a video name ending in {', '.join(VIDEO_SUFFIXES)}; "
            "choose one of them"
        )
    path = _input_path(source)
    if path is not None and _same(output, path):
        raise OutputError(f"{output}: is the input itself; choose another place for the output")
    if results is not None:
        _check_results(source, output, results)
    return output


def check_resumable(source: AnySource) -> None:
    """Raises InputError for what is done in one piece."""
    if not (isinstance(source, PhotoSource) and source.is_folder):
        raise InputError(
            f"{source.name}: expected a folder of photos with --resume, found something else, "
            "which is done in one piece; leave --resume out"
        )


def _check_results(source: AnySource, output: Path | None, results: Path) -> None:
    path = _input_path(source)
    inputs, outputs = [] if path is None else [path], [] if output is None else [output]
    if isinstance(source, PhotoSource) and source.is_folder:
        inputs += source.paths
        outputs += [folder / photo.name for folder in outputs for photo in source.paths]
    for what, taken in (("the input", inputs), ("the output", outputs)):
        if any(_same(results, other) for other in taken):
            raise OutputError(f"{results}: is {what} itself; choose another place for the results")


def _same(one: Path, other: Path) -> bool:
    """Whether two names are of one file, which need not be there yet."""
    if one.exists() and other.exists():
        return one.samefile(other)
    return one.resolve() == other.resolve()


def _input_path(source: AnySource) -> Path | None:
    if isinstance(source, PhotoSource):
        return Path(source.name)
    return source.path if isinstance(source, VideoSource) else None


def _default(source: AnySource) -> Path:
    path = _input_path(source)
    if path is None:
        name = "stream" if isinstance(source, StreamSource) else source.name.replace(":", "-")
        return Path(f"{name}{_MARK}.mp4")
    path = path.absolute()
    if path.is_dir():
        return path.with_name(path.name + _MARK)
    suffix = path.suffix
    if isinstance(source, VideoSource) and not _can_be_written(source, suffix.lower()):
        suffix = ".mp4"
    return path.with_name(path.stem + _MARK + suffix)


def _can_be_written(source: VideoSource, suffix: str) -> bool:
    """Whether such a container holds the pictures. Opens the file where their size decides."""
    if suffix not in VIDEO_SUFFIXES or suffix in ODD_SIZE_SUFFIXES:
        return suffix in VIDEO_SUFFIXES
    with source:
        return not is_odd(source.size)


def _check_photo_output(source: PhotoSource, output: Path) -> None:
    if source.is_folder:
        if output.exists() and not output.is_dir():
            raise OutputError(f"{output}: expected a folder for the photos, found a file")
    elif not is_photo(output):
        raise OutputError(
            f"{output}: expected a photo name ending in {', '.join(PHOTO_SUFFIXES)}; "
            "choose one of them"
        )
