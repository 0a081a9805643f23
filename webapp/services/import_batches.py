"""The rows of an import, batch by batch: images first, then one short transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from webapp.domain import image_files
from webapp.domain.catalogue import Catalogue
from webapp.domain.import_files import read_table
from webapp.domain.import_rows import read_product
from webapp.domain.imports import ImportedProduct, ImportProblem, SourceRow, shorten
from webapp.domain.products import ProductImage
from webapp.services.image_intake import ImageIntake, TakenImage
from webapp.storage import imports, product_writes, queue_order
from webapp.storage.database import Database

Row = ImportedProduct | ImportProblem


@contextmanager
def open_rows(path: Path, file_name: str, mapping: Mapping[str, str]) -> Iterator[Iterator[Row]]:
    """Open a file as products and problems; an id that comes again is a problem."""
    with path.open("rb") as stream:
        yield _without_repeats(read_table(stream, file_name=file_name).rows, mapping)


def _without_repeats(
    rows: Iterator[SourceRow | ImportProblem], mapping: Mapping[str, str]
) -> Iterator[Row]:
    first_line: dict[str, int] = {}
    for source in rows:
        row = read_product(source, mapping) if isinstance(source, SourceRow) else source
        if isinstance(row, ImportedProduct):
            line = first_line.setdefault(row.external_id, row.line)
            if line != row.line:
                column, reason = mapping["external_id"], f"line {line} has the same id"
                row = ImportProblem(row.line, column, shorten(row.external_id), reason)
        yield row


@dataclass(slots=True)
class BatchImport:
    """One import under way, and what its rows came to so far.

    Parameters
    ----------
    pool
        Where images are read and decoded.
    on_progress
        Called with the number of rows done and of all, also while images are decoded.
    now
        Returns the time; a batch carries that of its own transaction.
    """

    database: Database
    catalogue: Catalogue
    import_id: int
    mapping: Mapping[str, str]
    intake: ImageIntake
    pool: Executor
    on_progress: Callable[[int, int], None]
    n_rows: int
    now: Callable[[], datetime]
    n_accepted: int = field(default=0, init=False)
    n_rejected: int = field(default=0, init=False)
    n_without_image: int = field(default=0, init=False)
    n_without_text: int = field(default=0, init=False)

    def take_in(self, rows: list[Row]) -> None:
        """Store the images of a batch, then its products and problems."""
        rejected = [row for row in rows if isinstance(row, ImportProblem)]
        accepted = [row for row in rows if isinstance(row, ImportedProduct)]
        taken = self._take_images(accepted, len(rows))
        batch = [
            (p, tuple(t.image for t in images)) for p, images in zip(accepted, taken, strict=True)
        ]
        with self.database.begin() as session:
            now = self.now()
            upserted = product_writes.upsert(
                session,
                catalogue_id=self.catalogue.id,
                decision_level=self.catalogue.decision_level,
                import_id=self.import_id,
                batch=batch,
                now=now,
            )
            queue_order.add_new(
                session,
                catalogue_id=self.catalogue.id,
                product_ids=upserted.new_ids,
                now=now,
            )
            remarks = [
                problem
                for product, images, final in zip(accepted, taken, upserted.images, strict=True)
                for problem in self._image_problems(product, images, final)
            ]
            for problems, is_rejected in ((rejected, True), (remarks, False)):
                imports.add_problems(
                    session, import_id=self.import_id, problems=problems, is_rejected=is_rejected
                )
        self.n_rejected += len(rejected)
        self.n_accepted += len(accepted)
        self.n_without_image += sum(not any(i.sha256 for i in images) for images in upserted.images)
        self.n_without_text += sum(not product.has_text for product in accepted)
        self.on_progress(self._n_done, self.n_rows)

    @property
    def _n_done(self) -> int:
        return self.n_accepted + self.n_rejected

    def _take_images(self, products: list[ImportedProduct], n_rows: int) -> list[list[TakenImage]]:
        """Return the images of each product; a name that several share is read once."""
        names = list(dict.fromkeys(name for p in products for name in p.image_names))
        by_name: dict[str, TakenImage] = {}
        for taken in self.pool.map(self.intake.take, names):
            by_name[taken.image.file_name] = taken
            self.on_progress(self._n_done + n_rows * len(by_name) // len(names), self.n_rows)
        return [[by_name[name] for name in product.image_names] for product in products]

    def _image_problems(
        self,
        product: ImportedProduct,
        taken: list[TakenImage],
        final: tuple[ProductImage, ...],
    ) -> Iterator[ImportProblem]:
        """Yield what to tell of a product's images; without a folder there is nothing to tell."""
        for found, image in zip(taken, final, strict=True):
            reason = image.problem or found.remark
            if reason and reason != image_files.NO_FOLDER:
                column = self.mapping.get("image", "")
                yield ImportProblem(product.line, column, shorten(image.file_name), reason)
