"""Catalogs: items, their variants, and the categories that they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from klaviyo_py.bulk._verbs import JobOptions, R, S, Verbs

if TYPE_CHECKING:
    from typing_extensions import Unpack


class CatalogVerbs(Verbs[S, R]):
    """Bulk operations on catalogs. What is created must not exist, what is deleted must."""

    __slots__ = ()

    def create_catalog_items(self, rows: S, **options: Unpack[JobOptions]) -> R:
        """Create an item for each row.

        A row has `external_id`, `title`, `description` and `url`; and as it likes `price`,
        `published`, `image_full_url`, `image_thumbnail_url`, `images`, `custom_metadata.anything`
        and `categories` (a list of external_ids or ids).

        >>> shirt = {"external_id": "SHIRT-1", "title": "Shirt", "description": "A white shirt"}
        >>> shirt["url"] = "https://shop.example/shirts/1"
        >>> client.bulk.create_catalog_items([shirt]).completed
        1
        """
        return self._run("create_catalog_items", rows, options)

    def update_catalog_items(self, rows: S, **options: Unpack[JobOptions]) -> R:
        """Change an item for each row, which has `external_id` or `id`, and what is to be changed.

        `nulls="clear"` sends None; that Klaviyo clears the field then is what its schema suggests,
        and not verified. `categories` replaces those that the item has.

        >>> client.bulk.update_catalog_items([{"price": 24.5}]).reasons
        {'missing_identifier': 1}
        """
        return self._run("update_catalog_items", rows, options)

    def delete_catalog_items(self, rows: S, **options: Unpack[JobOptions]) -> R:
        """Delete an item for each row, which has `external_id` or `id`."""
        return self._run("delete_catalog_items", rows, options)

    def create_catalog_variants(self, rows: S, **options: Unpack[JobOptions]) -> R:
        """Create a variant for each row.

        A row has `external_id`, `item` (the item's external_id or id), `title`, `description`,
        `url`, `sku`, `price` and `inventory_quantity`; and as it likes `inventory_policy` (0, 1 or
        2), `published`, `image_full_url`, `image_thumbnail_url`, `images` and
        `custom_metadata.anything`.

        >>> client.bulk.create_catalog_variants([{"external_id": "SHIRT-1-M"}]).reasons
        {'missing_field': 1}
        """
        return self._run("create_catalog_variants", rows, options)

    def update_catalog_variants(self, rows: S, **options: Unpack[JobOptions]) -> R:
        """Change a variant for each row, as `update_catalog_items` does items."""
        return self._run("update_catalog_variants", rows, options)

    def delete_catalog_variants(self, rows: S, **options: Unpack[JobOptions]) -> R:
        """Delete a variant for each row, which has `external_id` or `id`."""
        return self._run("delete_catalog_variants", rows, options)

    def create_catalog_categories(self, rows: S, **options: Unpack[JobOptions]) -> R:
        """Create a category for each row.

        A row has `external_id` and `name`, and as it likes `items` (a list of external_ids or ids).

        >>> client.bulk.create_catalog_categories([{"external_id": "C", "name": "Coats"}]).completed
        1
        """
        return self._run("create_catalog_categories", rows, options)

    def update_catalog_categories(self, rows: S, **options: Unpack[JobOptions]) -> R:
        """Change a category for each row: by `external_id` or `id`, its `name` or `items`."""
        return self._run("update_catalog_categories", rows, options)

    def delete_catalog_categories(self, rows: S, **options: Unpack[JobOptions]) -> R:
        """Delete a category for each row, which has `external_id` or `id`."""
        return self._run("delete_catalog_categories", rows, options)
