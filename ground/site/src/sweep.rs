//! Forgets what the site keeps only for a while: ended sessions, kept forms, marks of sent forms, failed sign-ins.

use std::time::Duration;

use crate::house::House;
use crate::module::Chore;
use crate::{kept, once, sessions, throttle};

/// Every ten minutes, whether anybody signs in or not.
pub(crate) fn chore() -> Chore {
    Chore { name: "sweep", every: Duration::from_secs(600), woken: false, run: sweep }
}

fn sweep(house: &House) -> anyhow::Result<()> {
    let now = house.wall.now();
    house.store.write(move |sql| {
        sessions::sweep(sql, now)?;
        kept::sweep(sql, now)?;
        once::sweep(sql, now)?;
        throttle::sweep(sql, now)
    })?;
    Ok(())
}
