//! Opening databases that can be used, and every other kind.

use std::time::{Duration, Instant};

use crate::harness::postgres::Postgres;
use registry_core::store::connect::{self, ConnectError, Limits};
use registry_core::store::schema::{self, SchemaError};
use sqlx::{AssertSqlSafe, PgPool};
use tokio::net::TcpListener;

fn limits() -> Limits {
    Limits::new("a-test", 3)
}

async fn open(url: &str) -> Result<PgPool, ConnectError> {
    connect::open(connect::parse_url(url)?, &limits()).await
}

async fn refusal(url: &str) -> String {
    open(url).await.expect_err("this is refused").to_string()
}

async fn run(pool: &PgPool, statement: &str) {
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(pool).await.expect("the statement is right");
}

/// The same server's other database or user.
fn changed(url: &str, change: impl Fn(&mut url::Url)) -> String {
    let mut url = url.parse().expect("the harness gives a URL");
    change(&mut url);
    url.into()
}

#[tokio::test]
async fn the_limits_hold_on_every_connection() {
    let database = Postgres::database().await;
    let limits =
        Limits { statement: Duration::from_millis(1500), lock: Duration::from_millis(700), ..limits() };
    let options = connect::parse_url(&database.url()).unwrap();
    let pool = connect::open(options, &limits).await.unwrap();
    let (mut one, mut other) = (pool.acquire().await.unwrap(), pool.acquire().await.unwrap());

    for connection in [&mut one, &mut other] {
        let settings: (String, String, String) = sqlx::query_as(
            "SELECT current_setting('statement_timeout'), current_setting('lock_timeout'),
                    current_setting('application_name')",
        )
        .fetch_one(&mut **connection)
        .await
        .unwrap();
        assert_eq!(settings, ("1500ms".to_owned(), "700ms".to_owned(), "a-test".to_owned()));
    }
}

#[tokio::test]
async fn a_missing_database_is_named() {
    let database = Postgres::database().await;
    let url = changed(&database.url(), |url| url.set_path("nowhere"));
    let said = refusal(&url).await;
    assert!(said.starts_with("there is no database `nowhere` at `"), "{said}");
}

#[tokio::test]
async fn an_unknown_user_is_refused_and_no_password_is_told() {
    let database = Postgres::database().await;
    let url = changed(&database.url(), |url| {
        url.set_username("cardinal_nobody").unwrap();
        url.set_password(Some("s3cret")).unwrap();
    });
    let error = open(&url).await.unwrap_err();
    let said = error.to_string();
    assert!(matches!(error, ConnectError::Authentication { .. }), "{said}");
    assert!(said.contains("refuses the user `cardinal_nobody`") && !said.contains("s3cret"), "{said}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_given_up_after_some_seconds() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let begun = Instant::now();

    let url = |port| format!("postgres://alice:s3cret@127.0.0.1:{port}/registry?sslmode=disable");
    let (nobody, silence) = (url(free.port()), url(silent.local_addr().unwrap().port()));
    let (nobody, silence) = tokio::join!(refusal(&nobody), refusal(&silence));

    let expected = format!(
        "the database at `{free}` did not answer within 5 s: Connection refused (os error 111); check that it runs \
         and can be reached"
    );
    assert_eq!(nobody, expected);
    assert!(silence.contains("did not answer within 5 s: no answer"), "{silence}");
    assert!((4..10).contains(&begun.elapsed().as_secs()));
}

#[tokio::test]
async fn a_database_in_another_encoding_is_refused() {
    let database = Postgres::database().await;
    let name = format!("cardinal_test_latin_{}", std::process::id());
    let create = format!(r#"CREATE DATABASE "{name}" ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0"#);
    run(&database.pool(), &create).await;

    let said = refusal(&changed(&database.url(), |url| url.set_path(&name))).await;

    run(&database.pool(), &format!(r#"DROP DATABASE "{name}" WITH (FORCE)"#)).await;
    assert!(
        said.starts_with(&format!("the database `{name}` has the encoding LATIN1; create one")),
        "{said}"
    );
}

#[tokio::test]
async fn a_user_without_rights_is_refused_before_the_first_migration() {
    let database = Postgres::database().await;
    let user = format!("cardinal_test_user_{}", std::process::id());
    run(&database.pool(), &format!(r#"CREATE ROLE "{user}" LOGIN"#)).await;
    let pool = open(&changed(&database.url(), |url| url.set_username(&user).unwrap())).await.unwrap();

    let migrated = schema::migrate(&pool).await.unwrap_err().to_string();
    let checked = schema::check_migrated(&pool).await.unwrap_err();

    pool.close().await;
    run(&database.pool(), &format!(r#"DROP ROLE "{user}""#)).await;
    let expected = format!(
        "the user `{user}` may not create tables in the database; run `GRANT CREATE ON SCHEMA public TO \"{user}\"` as \
         its owner"
    );
    assert_eq!(migrated, expected);
    assert!(matches!(checked, SchemaError::Unreadable), "{checked}");
}

#[tokio::test]
async fn a_new_database_is_behind_until_it_is_migrated() {
    let database = Postgres::database().await;
    let pool = database.pool();
    run(&pool, "DROP SCHEMA public CASCADE; CREATE SCHEMA public").await;

    let behind = schema::check_migrated(&pool).await.unwrap_err();
    assert!(matches!(behind, SchemaError::Behind(missing) if missing > 0), "{behind}");
    let (one, other) = tokio::join!(schema::migrate(&pool), schema::migrate(&pool));
    one.unwrap();
    other.unwrap();
    schema::check_migrated(&pool).await.unwrap();
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_refused_either_way() {
    let database = Postgres::database().await;
    let pool = database.pool();
    run(
        &pool,
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (99991231000000, 'later', true, '', 0)",
    )
    .await;

    for refused in [schema::check_migrated(&pool).await, schema::migrate(&pool).await] {
        let said = refused.unwrap_err().to_string();
        assert!(
            said.starts_with("the database has migration `99991231000000`, which this program"),
            "{said}"
        );
        assert!(said.contains("`cardinal migrate`"), "{said}");
    }
}

#[tokio::test]
async fn an_unfinished_migration_is_refused() {
    let database = Postgres::database().await;
    let pool = database.pool();
    run(&pool, "UPDATE _sqlx_migrations SET success = false WHERE version = (SELECT max(version) FROM _sqlx_migrations)")
        .await;
    let said = schema::check_migrated(&pool).await.unwrap_err().to_string();
    assert!(said.contains("was begun and not finished"), "{said}");
}
