//! The nine operations on catalogs: create, update and delete items, variants and categories, up to 100
//! a request.

use klaviyo_gen::Operation;
use klaviyo_gen::operations::{
    BULK_CREATE_CATALOG_CATEGORIES, BULK_CREATE_CATALOG_ITEMS, BULK_CREATE_CATALOG_VARIANTS,
    BULK_DELETE_CATALOG_CATEGORIES, BULK_DELETE_CATALOG_ITEMS, BULK_DELETE_CATALOG_VARIANTS,
    BULK_UPDATE_CATALOG_CATEGORIES, BULK_UPDATE_CATALOG_ITEMS, BULK_UPDATE_CATALOG_VARIANTS,
};

use super::setup::{Setup, run_options};
use super::{Bulk, BulkCall, BulkOptions};
use crate::encode::Rows;
use crate::error::Error;
use crate::options::RunOptions;

/// What a catalog consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CatalogPart {
    /// Its items: products.
    Items,
    /// The variants of items: sizes and colours, say.
    Variants,
    /// The categories that items belong to.
    Categories,
}

/// What is done to a part of a catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CatalogChange {
    /// It is created.
    Create,
    /// It is changed: a field that a row leaves out stays as it is.
    Update,
    /// It is deleted.
    Delete,
}

/// How a catalog is changed.
#[derive(Debug, Clone, PartialEq)]
pub struct CatalogOptions {
    /// What is done.
    pub change: CatalogChange,
    /// What it is done to.
    pub part: CatalogPart,
    /// What is the same for all bulk operations.
    pub run: RunOptions,
}

impl CatalogOptions {
    /// The defaults of the operation that does this to that.
    #[must_use]
    pub fn new(change: CatalogChange, part: CatalogPart) -> Self {
        CatalogOptions {
            change,
            part,
            run: RunOptions::default(),
        }
    }
}

impl BulkOptions for CatalogOptions {
    fn operation(&self) -> &'static Operation {
        use CatalogChange::{Create, Delete, Update};
        use CatalogPart::{Categories, Items, Variants};
        match (self.change, self.part) {
            (Create, Items) => &BULK_CREATE_CATALOG_ITEMS,
            (Update, Items) => &BULK_UPDATE_CATALOG_ITEMS,
            (Delete, Items) => &BULK_DELETE_CATALOG_ITEMS,
            (Create, Variants) => &BULK_CREATE_CATALOG_VARIANTS,
            (Update, Variants) => &BULK_UPDATE_CATALOG_VARIANTS,
            (Delete, Variants) => &BULK_DELETE_CATALOG_VARIANTS,
            (Create, Categories) => &BULK_CREATE_CATALOG_CATEGORIES,
            (Update, Categories) => &BULK_UPDATE_CATALOG_CATEGORIES,
            (Delete, Categories) => &BULK_DELETE_CATALOG_CATEGORIES,
        }
    }

    run_options!();

    fn setup(&self, _: &str) -> Result<Setup, Error> {
        let instead = match self.change {
            CatalogChange::Create => {
                "what is new has nothing to clear, so leave nulls out (nulls=\"omit\")"
            }
            CatalogChange::Update | CatalogChange::Delete => {
                "clear fields with the operation that updates"
            }
        };
        let setup = Setup::new(self.operation(), Rows::Catalog, instead);
        Ok(if self.change == CatalogChange::Update {
            setup.clearing()
        } else {
            setup
        })
    }
}

impl<'a> Bulk<'a> {
    fn catalog<I>(
        self,
        change: CatalogChange,
        part: CatalogPart,
        rows: I,
    ) -> BulkCall<'a, I, CatalogOptions> {
        BulkCall::new(self, rows, CatalogOptions::new(change, part))
    }

    /// Creates an item of the catalog for each row.
    ///
    /// | a row takes | |
    /// |---|---|
    /// | `external_id`, `title`, `description`, `url` | required |
    /// | `price`, `published`, `image_full_url`, `image_thumbnail_url`, `images` | |
    /// | `custom_metadata.anything` | |
    /// | `categories` | a list of categories, each by its `external_id` or its id |
    /// | `integration_type`, `catalog_type` | always `$custom` and `$default` |
    ///
    /// Rows wait for Klaviyo's job. What exists already fails, so a request whose answer was lost is
    /// not repeated; its rows end `unknown`.
    ///
    /// ```no_run
    /// # async fn example(client: klaviyo_core::Client) -> Result<(), klaviyo_core::BulkError> {
    /// use serde_json::json;
    ///
    /// let rows = [json!({
    ///     "external_id": "SHIRT-1", "title": "Shirt", "description": "A white shirt",
    ///     "url": "https://shop.example/shirts/1", "price": 29.5, "categories": ["SHIRTS"],
    /// })];
    /// let report = client.bulk().create_catalog_items(rows).run().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Source: <https://developers.klaviyo.com/en/reference/bulk_create_catalog_items>
    pub fn create_catalog_items<I>(self, rows: I) -> BulkCall<'a, I, CatalogOptions> {
        self.catalog(CatalogChange::Create, CatalogPart::Items, rows)
    }

    /// Changes an item of the catalog for each row.
    ///
    /// | a row takes | |
    /// |---|---|
    /// | `external_id` or `id` | required; the id looks like `$custom:::$default:::SHIRT-1` |
    /// | `title`, `description`, `url`, `price`, `published`, `image_full_url`, `image_thumbnail_url`, `images` | |
    /// | `custom_metadata.anything` | |
    /// | `categories` | a list of categories, each by its `external_id` or its id; replaces those it has |
    ///
    /// What a row leaves out stays as it is. With [`Nulls::Clear`](crate::encode::Nulls::Clear) a null
    /// is sent; that Klaviyo clears the field then is what its schema suggests, and not verified.
    ///
    /// ```no_run
    /// # async fn example(client: klaviyo_core::Client) -> Result<(), klaviyo_core::BulkError> {
    /// use serde_json::json;
    ///
    /// let rows = [json!({"external_id": "SHIRT-1", "price": 24.5})];
    /// let report = client.bulk().update_catalog_items(rows).run().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Source: <https://developers.klaviyo.com/en/reference/bulk_update_catalog_items>
    pub fn update_catalog_items<I>(self, rows: I) -> BulkCall<'a, I, CatalogOptions> {
        self.catalog(CatalogChange::Update, CatalogPart::Items, rows)
    }

    /// Deletes an item of the catalog for each row, which takes `external_id` or `id`.
    ///
    /// What is gone already fails, so a request whose answer was lost is not repeated; its rows end
    /// `unknown`.
    ///
    /// ```no_run
    /// # async fn example(client: klaviyo_core::Client) -> Result<(), klaviyo_core::BulkError> {
    /// use serde_json::json;
    ///
    /// let rows = [json!({"external_id": "SHIRT-1"})];
    /// let report = client.bulk().delete_catalog_items(rows).run().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Source: <https://developers.klaviyo.com/en/reference/bulk_delete_catalog_items>
    pub fn delete_catalog_items<I>(self, rows: I) -> BulkCall<'a, I, CatalogOptions> {
        self.catalog(CatalogChange::Delete, CatalogPart::Items, rows)
    }

    /// Creates a variant of an item of the catalog for each row.
    ///
    /// | a row takes | |
    /// |---|---|
    /// | `external_id`, `title`, `description`, `url`, `sku`, `price`, `inventory_quantity` | required |
    /// | `item` | required: the item, by its `external_id` or its id |
    /// | `inventory_policy` | 0, 1 or 2 |
    /// | `published`, `image_full_url`, `image_thumbnail_url`, `images` | |
    /// | `custom_metadata.anything` | |
    /// | `integration_type`, `catalog_type` | always `$custom` and `$default` |
    ///
    /// ```no_run
    /// # async fn example(client: klaviyo_core::Client) -> Result<(), klaviyo_core::BulkError> {
    /// use serde_json::json;
    ///
    /// let rows = [json!({
    ///     "external_id": "SHIRT-1-M", "item": "SHIRT-1", "title": "Shirt, M", "sku": "S1M",
    ///     "description": "A white shirt", "url": "https://shop.example/shirts/1?size=m",
    ///     "price": 29.5, "inventory_quantity": 12,
    /// })];
    /// let report = client.bulk().create_catalog_variants(rows).run().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Source: <https://developers.klaviyo.com/en/reference/bulk_create_catalog_variants>
    pub fn create_catalog_variants<I>(self, rows: I) -> BulkCall<'a, I, CatalogOptions> {
        self.catalog(CatalogChange::Create, CatalogPart::Variants, rows)
    }

    /// Changes a variant for each row, which takes `external_id` or `id` and what is to be changed:
    /// `title`, `description`, `url`, `sku`, `price`, `inventory_quantity`, `inventory_policy`,
    /// `published`, `image_full_url`, `image_thumbnail_url`, `images`, `custom_metadata.anything`.
    ///
    /// Nulls are as with [`Bulk::update_catalog_items`].
    ///
    /// ```no_run
    /// # async fn example(client: klaviyo_core::Client) -> Result<(), klaviyo_core::BulkError> {
    /// use serde_json::json;
    ///
    /// let rows = [json!({"external_id": "SHIRT-1-M", "inventory_quantity": 11})];
    /// let report = client.bulk().update_catalog_variants(rows).run().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Source: <https://developers.klaviyo.com/en/reference/bulk_update_catalog_variants>
    pub fn update_catalog_variants<I>(self, rows: I) -> BulkCall<'a, I, CatalogOptions> {
        self.catalog(CatalogChange::Update, CatalogPart::Variants, rows)
    }

    /// Deletes a variant for each row, which takes `external_id` or `id`; as
    /// [`Bulk::delete_catalog_items`] does items.
    ///
    /// Source: <https://developers.klaviyo.com/en/reference/bulk_delete_catalog_variants>
    pub fn delete_catalog_variants<I>(self, rows: I) -> BulkCall<'a, I, CatalogOptions> {
        self.catalog(CatalogChange::Delete, CatalogPart::Variants, rows)
    }

    /// Creates a category of the catalog for each row.
    ///
    /// | a row takes | |
    /// |---|---|
    /// | `external_id`, `name` | required |
    /// | `items` | a list of items, each by its `external_id` or its id |
    /// | `integration_type`, `catalog_type` | always `$custom` and `$default` |
    ///
    /// ```no_run
    /// # async fn example(client: klaviyo_core::Client) -> Result<(), klaviyo_core::BulkError> {
    /// use serde_json::json;
    ///
    /// let rows = [json!({"external_id": "SHIRTS", "name": "Shirts", "items": ["SHIRT-1"]})];
    /// let report = client.bulk().create_catalog_categories(rows).run().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Source: <https://developers.klaviyo.com/en/reference/bulk_create_catalog_categories>
    pub fn create_catalog_categories<I>(self, rows: I) -> BulkCall<'a, I, CatalogOptions> {
        self.catalog(CatalogChange::Create, CatalogPart::Categories, rows)
    }

    /// Changes a category for each row, which takes `external_id` or `id`, and `name` or `items` (a
    /// list, each by its `external_id` or its id; it replaces those that the category has).
    ///
    /// Nulls are as with [`Bulk::update_catalog_items`].
    ///
    /// Source: <https://developers.klaviyo.com/en/reference/bulk_update_catalog_categories>
    pub fn update_catalog_categories<I>(self, rows: I) -> BulkCall<'a, I, CatalogOptions> {
        self.catalog(CatalogChange::Update, CatalogPart::Categories, rows)
    }

    /// Deletes a category for each row, which takes `external_id` or `id`; as
    /// [`Bulk::delete_catalog_items`] does items.
    ///
    /// Source: <https://developers.klaviyo.com/en/reference/bulk_delete_catalog_categories>
    pub fn delete_catalog_categories<I>(self, rows: I) -> BulkCall<'a, I, CatalogOptions> {
        self.catalog(CatalogChange::Delete, CatalogPart::Categories, rows)
    }
}
