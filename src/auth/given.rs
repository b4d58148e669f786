//! A key whose secret is given, not drawn, as a demo's may be: whoever tests against it knows its key before it runs.

use super::{
    Role, hash,
    keys::{self, Draft, Key, Owner},
    sql,
};
use crate::{
    db::Reader,
    error::Result,
    history::{Author, Op, Write},
    values::SECRET_PREFIX,
};

/// How many characters there are behind the prefix: too many to be guessed.
const SHORTEST: usize = 20;
const LONGEST: usize = 200;

/// A secret of the form that drawn ones have, so that it is left out of logs as those are.
pub struct Secret(String);

impl Secret {
    /// Why it is none does not tell what it was.
    pub fn parse(text: &str) -> Result<Self, String> {
        let is_of_form = text.strip_prefix(SECRET_PREFIX).is_some_and(|rest| {
            (SHORTEST..=LONGEST).contains(&rest.len())
                && rest
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        });
        if is_of_form {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!(
                "must be {SECRET_PREFIX} and behind it {SHORTEST} to {LONGEST} letters (A to Z), digits, - and _, such as {SECRET_PREFIX}only-for-the-tests-of-my-project"
            ))
        }
    }
}

/// Has this secret, or a new one where none is given, open an admin's key of this name, and no other; what opens it.
pub async fn admin(write: &mut Write, name: &str, given: Option<&Secret>) -> Result<String> {
    let secret = match given {
        Some(Secret(secret)) => secret.clone(),
        None => keys::new_secret()?,
    };
    if let Some(found) = sql::by_hash(&mut write.conn, hash(&secret).to_vec()).await? {
        let is_good = found.revoked_at.is_none() && found.expires_at.is_none() && found.old_until.is_none();
        if is_good && found.name == name && found.role == Role::Admin {
            return Ok(secret);
        }
        // A secret opens one key, and this one had it before: it was renamed, say, or revoked.
        if let Some(key) = sql::find(&mut write.conn, found.id).await? {
            let other = hash(&keys::new_secret()?);
            sql::rotate(&mut write.conn, key.id, other.to_vec(), None).await?;
            let key = Key {
                old_secret_until: None,
                updated_at: write.at,
                version: key.version + 1,
                ..key
            };
            sql::update(&mut write.conn, &key, Owner::AsBefore).await?;
            keys::noted(write, Op::Update, &key).await?;
        }
    }
    if let Some(before) = keys::named(&mut write.conn, name).await? {
        keys::revoke(write, before).await?;
    }
    keys::make_with(write, &Draft::plain(name, Role::Admin), secret.clone()).await?;
    Ok(secret)
}

/// Makes a reader's key of this name, unless there is one, of which nobody learns the secret.
pub async fn unopened(write: &mut Write, name: &str) -> Result<()> {
    if keys::named(&mut write.conn, name).await?.is_some() {
        return Ok(());
    }
    keys::make(write, &Draft::plain(name, Role::Reader))
        .await
        .map(drop)
}

/// An admin's key of this name, and the one that comes with a write: those that stay where all others go.
pub async fn kept(conn: &mut Reader, name: &str, author: &Author) -> Result<Vec<Key>> {
    let named = keys::named(conn, name).await?;
    let mut kept: Vec<Key> = named.into_iter().filter(|key| key.role == Role::Admin).collect();
    if let Some(holder) = author.holder
        && kept.iter().all(|key| key.id != holder.key)
    {
        kept.extend(sql::find(conn, holder.key).await?);
    }
    Ok(kept)
}

/// Lets the log, which has begun anew, begin with this key too.
pub async fn log_again(write: &mut Write, key: &Key) -> Result<()> {
    keys::noted(write, Op::Create, key).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_given_secret_has_the_form_of_a_drawn_one() {
        assert!(Secret::parse(&keys::new_secret().unwrap()).is_ok());
        assert!(Secret::parse("pbk_only-for-the-tests-of-my-project").is_ok());
        let longest = format!("pbk_{}", "a".repeat(LONGEST));
        assert!(Secret::parse(&longest).is_ok() && Secret::parse(&format!("{longest}a")).is_err());
        for bad in [
            "",
            "secret",
            "pbk_short",
            "pbk_nineteen-characters",
            "PBK_only-for-the-tests-of-my-project",
            "pbk_only for the tests of my project",
            "pbk_only-for-the-tests-of-my-project\n",
            "pbk_مفتاح-للاختبار-فقط-لا-غير",
        ] {
            let why = Secret::parse(bad).err().unwrap();
            assert!(bad.is_empty() || !why.contains(bad), "{why}");
        }
    }
}
