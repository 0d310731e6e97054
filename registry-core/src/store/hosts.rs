//! When each host, address and domain may be asked next, so that several crawlers together are as polite as one.

use std::net::{IpAddr, Ipv6Addr};

use chrono::{DateTime, TimeDelta, Utc};
use ipnet::IpNet;
use sqlx::PgConnection;

use super::StoreError;

/// How many requests a registrable domain gets on the first day, and on any later one (discovery section 11).
pub const FIRST_DAY: i32 = 200;
/// On a later day.
pub const A_DAY: i32 = 20;

/// How many times a second an address is asked, on which many hosts may live.
const PER_ADDRESS: f64 = 4.0;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Turn<'a> {
    /// The host.
    pub host: &'a str,
    /// Its registrable domain.
    pub site: &'a str,
    /// Whether the domain is visited for its own sake, and not because another one names it.
    pub is_visit: bool,
    /// Where it is, if that is known.
    pub address: Option<IpAddr>,
    /// The time between two requests to the host.
    pub interval: TimeDelta,
    /// The last moment that is worth waiting for.
    pub latest: DateTime<Utc>,
}

/// Whether there is a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reserved {
    /// Then.
    At(DateTime<Utc>),
    /// The host's pauses are too long for that.
    TooLate,
    /// The host asked to be left alone until then.
    Paused(DateTime<Utc>),
    /// The domain was asked often enough today.
    Spent,
    /// The host, or a domain above it, was removed from the origins: nobody is to crawl it.
    Unwanted,
}

/// Reserves the next turn that host, address and domain allow. What is not reserved costs nothing.
///
/// In a transaction of one's own: several rows change, always in the same order.
pub async fn reserve(
    conn: &mut PgConnection,
    turn: &Turn<'_>,
    now: DateTime<Utc>,
) -> Result<Reserved, StoreError> {
    if is_unwanted(conn, turn.host).await? {
        return Ok(Reserved::Unwanted);
    }
    if let Some(until) = paused_until(conn, turn.host, now).await? {
        return Ok(Reserved::Paused(until));
    }
    if !spend(conn, turn, now).await? {
        return Ok(Reserved::Spent);
    }
    let at = match turn.address.map(network) {
        Some(address) => next_of_address(conn, address, now).await?,
        None => now,
    };
    let next = sqlx::query_scalar!(
        r#"
        INSERT INTO hosts AS h (host, next_at) VALUES ($1, $2::timestamptz + make_interval(secs => $3))
        ON CONFLICT (host) DO UPDATE SET next_at = GREATEST(h.next_at, $2::timestamptz) + make_interval(secs => $3)
        WHERE h.next_at <= $4
        RETURNING next_at
        "#,
        turn.host,
        at,
        turn.interval.as_seconds_f64(),
        turn.latest,
    )
    .fetch_optional(conn)
    .await?;
    let at = next.map(|next| next - turn.interval);
    Ok(at.filter(|at| *at <= turn.latest).map_or(Reserved::TooLate, Reserved::At))
}

/// What counts as one address: of IPv6, what one machine usually has for itself.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
        v4 => v4,
    }
}

/// Whether the host or a domain above it was removed from the origins.
pub async fn is_unwanted(conn: &mut PgConnection, host: &str) -> Result<bool, StoreError> {
    Ok(!unwanted(conn, &[host.to_owned()]).await?.is_empty())
}

/// Those of these hosts that were removed from the origins, or a domain above them.
pub async fn unwanted(conn: &mut PgConnection, hosts: &[String]) -> Result<Vec<String>, StoreError> {
    fn above(host: &str) -> impl Iterator<Item = &str> {
        std::iter::successors(Some(host), |name| name.split_once('.').map(|(_, above)| above))
    }
    let mut names: Vec<String> = hosts.iter().flat_map(|host| above(host)).map(str::to_owned).collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let removed = super::origins::removed(conn, &names).await?;
    let is_removed = |host: &&String| above(host).any(|name| removed.iter().any(|removed| removed == name));
    Ok(hosts.iter().filter(is_removed).cloned().collect())
}

/// How often the host has failed in a row.
pub async fn failures(conn: &mut PgConnection, host: &str) -> Result<i32, StoreError> {
    let failures = sqlx::query_scalar!("SELECT failures FROM hosts WHERE host = $1", host);
    Ok(failures.fetch_optional(conn).await?.unwrap_or_default())
}

async fn paused_until(
    conn: &mut PgConnection,
    host: &str,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let until = sqlx::query_scalar!(
        r#"SELECT paused_until AS "until!" FROM hosts WHERE host = $1 AND paused_until > $2"#,
        host,
        now
    );
    Ok(until.fetch_optional(conn).await?)
}

/// Counts one request of the domain's day; says whether there is one left. Its first day is that of its own first visit: who names
/// its documents elsewhere spends little of it.
async fn spend(conn: &mut PgConnection, turn: &Turn<'_>, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let spent = sqlx::query!(
        r#"
        INSERT INTO sites AS s (site, first_at, day, spent)
        VALUES ($1, CASE WHEN $6 THEN $2::timestamptz ELSE 'infinity' END, $3, 1)
        ON CONFLICT (site) DO UPDATE
        SET day = $3, spent = CASE WHEN s.day = $3 THEN s.spent + 1 ELSE 1 END, first_at = LEAST(s.first_at, EXCLUDED.first_at)
        WHERE s.day <> $3
            OR s.spent < CASE WHEN $6 AND s.first_at > $2::timestamptz - interval '1 day' THEN $4 ELSE $5::integer END
        "#,
        turn.site,
        now,
        now.date_naive(),
        FIRST_DAY,
        A_DAY,
        turn.is_visit,
    )
    .execute(conn)
    .await?;
    Ok(spent.rows_affected() == 1)
}

async fn next_of_address(
    conn: &mut PgConnection,
    address: IpAddr,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, StoreError> {
    let next = sqlx::query_scalar!(
        r#"
        INSERT INTO addresses AS a (address, next_at) VALUES ($1, $2::timestamptz + make_interval(secs => $3))
        ON CONFLICT (address) DO UPDATE SET next_at = GREATEST(a.next_at, $2::timestamptz) + make_interval(secs => $3)
        RETURNING next_at
        "#,
        IpNet::from(address),
        now,
        1.0 / PER_ADDRESS,
    )
    .fetch_one(conn)
    .await?;
    Ok(next - TimeDelta::milliseconds(250))
}

/// Leaves a host alone until then.
pub async fn pause(
    conn: &mut PgConnection,
    host: &str,
    until: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!(
        r#"
        INSERT INTO hosts AS h (host, next_at, paused_until) VALUES ($1, $3, $2)
        ON CONFLICT (host) DO UPDATE SET paused_until = GREATEST(h.paused_until, EXCLUDED.paused_until)
        "#,
        host,
        until,
        now,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Counts a failure of the host in a row of them, and says how many that makes.
pub async fn failed(conn: &mut PgConnection, host: &str, now: DateTime<Utc>) -> Result<i32, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"
        INSERT INTO hosts AS h (host, next_at, failures) VALUES ($1, $2, 1)
        ON CONFLICT (host) DO UPDATE SET failures = h.failures + 1
        RETURNING failures
        "#,
        host,
        now,
    )
    .fetch_one(conn)
    .await?)
}

/// The host answers again.
pub async fn recovered(conn: &mut PgConnection, host: &str) -> Result<(), StoreError> {
    sqlx::query!("UPDATE hosts SET failures = 0, paused_until = NULL WHERE host = $1 AND failures > 0", host)
        .execute(conn)
        .await?;
    Ok(())
}

/// Forgets the hosts and addresses that nobody waits for. A domain's first day is remembered.
pub async fn forget(conn: &mut PgConnection, before: DateTime<Utc>) -> Result<u64, StoreError> {
    sqlx::query!("DELETE FROM addresses WHERE next_at < $1", before).execute(&mut *conn).await?;
    sqlx::query!("DELETE FROM robots WHERE valid_until < $1", before).execute(&mut *conn).await?;
    let forgotten = sqlx::query!(
        "DELETE FROM hosts WHERE next_at < $1 AND (paused_until IS NULL OR paused_until < $1)",
        before
    );
    Ok(forgotten.execute(conn).await?.rows_affected())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_address_is_counted_with_its_neighbours() {
        let at = |text: &str| network(text.parse().expect("an address")).to_string();
        assert_eq!(at("2606:4700::6810:84e5"), "2606:4700::");
        assert_eq!(at("::ffff:1.1.1.1"), "1.1.1.1");
        assert_eq!(at("93.184.216.34"), "93.184.216.34");
    }
}
