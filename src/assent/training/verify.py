"""Verifying a training set's folder, with no database, no network and no trust in who built it.

Recomputes the digest of `set.json`, of the manifest and of every shard; then every recording's
size, digest and description against the manifest; and, deep, decodes the audio and recomputes its
length, shape and the digest of its samples. Nothing may be missing, extra or double. Whatever the
folder holds, the answer is a list of findings.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from assent.errors import BadInput, NotProved, Unknown
from assent.sound.source import safe_name
from assent.training.findings import Finding, Findings, Kind
from assent.training.manifest import Heading, Manifest, opened
from assent.training.matching import Matching
from assent.training.set_file import MANIFEST, SET, SetFile, ShardEntry, read_set
from assent.training.shard import Form
from assent.training.shards import READERS, digest_of, shard_name

__all__ = ["Verified", "verify"]

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What a verification came to.

    Args:
        described: What `set.json` says; None if it cannot be read.
        heading: What the manifest says of the whole set; None if it cannot be read.
        items: How many recordings were compared.
        size_bytes: How much audio that was.
        deep: Whether the audio was decoded.
        findings: What is wrong, the first thousand.
        more: How many findings beyond those.
    """

    described: SetFile | None = None
    heading: Heading | None = None
    items: int = 0
    size_bytes: int = 0
    deep: bool
    findings: tuple[Finding, ...]
    more: int = 0

    @property
    def holds(self) -> bool:
        """Whether nothing at all is wrong."""
        return not self.findings

    def check(self) -> None:
        """Raise if anything is wrong.

        Raises:
            NotProved: It is; the text is the first finding.
        """
        if not self.holds:
            raise NotProved(self.findings[0].text, findings=self.findings)


def verify(folder: Path, *, deep: bool = True, progress: Progress | None = None) -> Verified:
    """Verify a training set.

    Args:
        folder: Its folder.
        deep: Decode the audio, too.
        progress: Told how many recordings are done, and of how many.

    Raises:
        Unknown: There is no such folder.
    """
    if not folder.is_dir():
        raise Unknown(f"there is no folder {safe_name(folder)}")
    findings = Findings()
    try:
        run = _Run(folder, read_set(folder), deep, findings, progress)
    except BadInput as error:
        findings.add(Kind.NO_SET, SET, error.text)
        return Verified(deep=deep, findings=tuple(findings.listed))
    try:
        run.verify()
    except OSError as error:
        text = f"the set cannot be read to its end: {(error.strerror or str(error)).lower()}"
        findings.add(Kind.SHARD, folder.name, text)
    return Verified(
        described=run.described,
        heading=run.heading,
        items=run.items,
        size_bytes=run.size_bytes,
        deep=deep,
        findings=tuple(findings.listed),
        more=findings.more,
    )


@dataclass(slots=True)
class _Run:
    """One run over a folder."""

    folder: Path
    described: SetFile
    deep: bool
    findings: Findings
    progress: Progress | None
    heading: Heading | None = None
    items: int = 0
    size_bytes: int = 0

    def verify(self) -> None:
        self._check_names()
        if not self._is_plain(MANIFEST, Kind.MANIFEST):
            return
        if digest_of(self.folder / MANIFEST) != self.described.manifest:
            text = f"{MANIFEST} is not the manifest that {SET} names"
            self.findings.add(Kind.MANIFEST, MANIFEST, text)
            return  # what nobody vouches for is not even parsed
        try:
            with opened(self.folder / MANIFEST) as manifest:
                self.heading = manifest.heading
                self._check_heading(manifest)
                self._match(manifest)
        except BadInput as error:
            self.findings.add(Kind.MANIFEST, MANIFEST, error.text)

    def _check_names(self) -> None:
        """The folder holds what `set.json` names and nothing else."""
        wanted = {SET, MANIFEST, *(shard.file for shard in self.described.shards)}
        for path in sorted(self.folder.iterdir()):
            if path.name not in wanted:
                text = f"{safe_name(path)} does not belong to the set"
                self.findings.add(Kind.EXTRA, path.name, text)

    def _is_plain(self, name: str, kind: Kind) -> bool:
        path = self.folder / name
        if path.is_symlink():
            self.findings.add(kind, name, f"{name} is a link, not a file")
            return False
        if not path.is_file():
            self.findings.add(Kind.MISSING, name, f"{name} is missing")
            return False
        return True

    def _check_heading(self, manifest: Manifest) -> None:
        said = (manifest.heading.program, manifest.heading.head, manifest.count)
        if said != (self.described.program, self.described.head, self.described.permitted):
            text = f"{SET} names another program, head or number of recordings than its manifest"
            self.findings.add(Kind.MANIFEST, MANIFEST, text)

    def _match(self, manifest: Manifest) -> None:
        def seen() -> None:
            if self.progress is not None:
                self.progress(matching.matched, self.described.items)

        matching = Matching(
            training_set=self.described.id,
            items=manifest.items(),
            withdrawn=frozenset(self.described.withdrawn),
            deep=self.deep,
            findings=self.findings,
            seen=seen,
        )
        for number, shard in enumerate(self.described.shards):
            if not self._match_shard(matching, shard, number):
                matching.lose_sight()
        matching.finish()
        self.items, self.size_bytes = matching.matched, matching.size_bytes
        if not self.findings.listed:
            self._check_counts(matching)

    def _match_shard(self, matching: Matching, shard: ShardEntry, number: int) -> bool:
        """Compare what a shard holds; return whether all of it could be read."""
        form = self.described.form
        if shard.file != shard_name(form, number):
            text = f"{SET} names a shard {safe_name(shard.file)}, which no build would write"
            self.findings.add(Kind.SHARD, SET, text)
            return False
        if not self._is_plain(shard.file, Kind.SHARD):
            return False
        path, count = self.folder / shard.file, 0
        larger = path.stat().st_size > shard.size_bytes
        # a larger one may be of any size: nobody shall be kept busy with it
        if larger or path.stat().st_size != shard.size_bytes or digest_of(path) != shard.sha256:
            text = f"{shard.file} is not the file that {SET} names"
            self.findings.add(Kind.SHARD, shard.file, text)
            if larger or form is Form.PARQUET:
                return False  # as above; tar is read all the same, to say what is damaged in it
        try:
            for found in READERS[form](path):
                matching.take(found, shard.file)
                count += 1
        except NotProved as error:
            self.findings.add(Kind.SHARD, shard.file, error.text)
            return False
        if count != shard.items:
            text = f"{shard.file} holds {count} recordings, and {SET} says {shard.items}"
            self.findings.add(Kind.COUNTS, shard.file, text)
        return True

    def _check_counts(self, matching: Matching) -> None:
        described = self.described
        found = (matching.matched, matching.size_bytes, matching.frames, matching.left_out)
        said = (described.items, described.size_bytes, described.frames, len(described.withdrawn))
        if found != said:
            self.findings.add(Kind.COUNTS, SET, f"the counts in {SET} are not those of the set")
