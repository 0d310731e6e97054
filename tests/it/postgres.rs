//! The test database itself: what every other test that uses one relies on.

use crate::harness::postgres::Postgres;
use registry_core::store::schema;
use sqlx::PgPool;

#[tokio::test]
async fn a_test_has_a_migrated_database_of_its_own() {
    let (one, other) = tokio::join!(Postgres::database(), Postgres::database());

    schema::check_migrated(&one.pool()).await.unwrap();
    sqlx::query("CREATE TABLE mine ()").execute(&one.pool()).await.unwrap();
    sqlx::query("CREATE TABLE mine ()").execute(&other.pool()).await.unwrap();

    assert_ne!(one.url(), other.url());
}

#[tokio::test]
async fn another_process_can_use_the_address() {
    let database = Postgres::database().await;
    sqlx::query("CREATE TABLE shared ()").execute(&database.pool()).await.unwrap();

    let elsewhere = PgPool::connect(&database.url()).await.unwrap();

    sqlx::query("SELECT FROM shared").execute(&elsewhere).await.unwrap();
}

#[tokio::test]
async fn a_database_ends_with_its_test() {
    let database = Postgres::database().await;
    let name: String =
        sqlx::query_scalar("SELECT current_database()::text").fetch_one(&database.pool()).await.unwrap();
    let in_use = database.pool();

    drop(database);

    let elsewhere = Postgres::database().await;
    let found: i64 = sqlx::query_scalar("SELECT count(*) FROM pg_database WHERE datname = $1")
        .bind(name)
        .fetch_one(&elsewhere.pool())
        .await
        .unwrap();
    assert_eq!(found, 0);
    assert!(in_use.acquire().await.is_err());
}
