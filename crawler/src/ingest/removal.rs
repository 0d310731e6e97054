//! An origin that is no longer crawled, by its owner's or the operator's wish: what was listed from it is withdrawn at once.

use chrono::{DateTime, Utc};
use registry_core::card::origin::Origin;
use registry_core::listing::Source;
use registry_core::name::ServerName;
use registry_core::server::Observed;
use registry_core::store::findings::{Finding, News, Outcome};
use registry_core::store::{
    self, PgConnection, PgPool, StoreError, endpoints, findings, ledger, origins, servers, vouchers,
};

/// Withdraws every listing that is crawled from an origin alone, and what others list by its documents, with this message; says which
/// names.
///
/// What other origins list by their own documents stays, and so does what its owner has published here. Origins that describe one of
/// the names as well are made due. The caller sees to it that the origin is not visited again.
pub async fn withdraw_origin(
    pool: &PgPool,
    origin: &Origin,
    message: &str,
    actor: &str,
    at: DateTime<Utc>,
) -> Result<Vec<ServerName>, StoreError> {
    let mut tx = store::begin(pool).await?;
    origins::lock_writing(&mut tx).await?;
    let Some(id) = origins::id(&mut tx, origin).await? else { return Ok(Vec::new()) };
    let mut before = findings::of_origin(&mut tx, id).await?;
    let lent = findings::withdraw_on_host(&mut tx, origin.host(), id, message, at).await?;
    let names = own_names(&mut tx, id, &before, lent).await?;
    let mut held = servers::lock(&mut tx, &names, Source::Crawled).await?;
    held.retain_mut(|server| server.withdraw(message, at) == Observed::Changed);
    for finding in before.iter_mut().filter(|f| matches!(f.outcome, Outcome::Listed | Outcome::Stale)) {
        *finding = withdrawn(finding, message, at);
    }
    findings::replace(&mut tx, id, &before).await?;
    vouchers::replace_catalog_listings(&mut tx, id, &[], at).await?;
    let texts: Vec<String> = names.iter().map(ToString::to_string).collect();
    endpoints::release(&mut tx, &texts).await?;
    findings::decide_anew(&mut tx, id, &News { names: texts, ..News::default() }, at).await?;
    servers::save(&mut tx, &held).await?;
    let entries: Vec<ledger::Entry> = held.iter().flat_map(ledger::entries).collect();
    if !entries.is_empty() {
        ledger::append(&mut tx, actor, at, &entries).await?;
    }
    store::commit(tx).await?;
    Ok(held.into_iter().map(|server| server.name).collect())
}

fn withdrawn(finding: &Finding, message: &str, at: DateTime<Utc>) -> Finding {
    Finding {
        outcome: Outcome::Withdrawn,
        reason: Some(message.to_owned()),
        since: at,
        seen_at: at,
        ..finding.clone()
    }
}

/// The names that this origin lists, or others listed by its documents, and that no other origin does, in the order in which they are
/// locked.
async fn own_names(
    conn: &mut PgConnection,
    id: i64,
    before: &[Finding],
    lent: Vec<String>,
) -> Result<Vec<ServerName>, StoreError> {
    let listed = before.iter().filter(|f| matches!(f.outcome, Outcome::Listed | Outcome::Stale));
    let mut listed: Vec<String> = listed.filter_map(|finding| finding.server_name.clone()).collect();
    listed.extend(lent);
    let elsewhere = findings::holders(conn, &listed, id).await?;
    let is_own = |name: &&String| !elsewhere.iter().any(|holder| holder.server_name == **name);
    let mut names: Vec<ServerName> =
        listed.iter().filter(is_own).filter_map(|name| name.parse().ok()).collect();
    names.sort_unstable();
    names.dedup();
    Ok(names)
}
