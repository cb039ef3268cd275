//! Things that only the binary can make and only a module needs (a press, a bureau's data), kept by their type.

use std::any::{Any, TypeId, type_name};
use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Context;

/// At most one thing of each type.
#[derive(Default, Clone)]
pub struct Drawer {
    things: HashMap<TypeId, Arc<dyn Any + Send + Sync>>,
}

impl Drawer {
    /// Nothing in it.
    pub fn new() -> Drawer {
        Drawer::default()
    }

    /// Puts a thing in, in place of one of the same type.
    #[must_use]
    pub fn with<T: Send + Sync + 'static>(mut self, thing: T) -> Drawer {
        self.things.insert(TypeId::of::<T>(), Arc::new(thing));
        self
    }

    /// The thing of this type.
    ///
    /// # Errors
    /// When the binary put none in.
    pub fn get<T: Send + Sync + 'static>(&self) -> anyhow::Result<Arc<T>> {
        let thing = self
            .things
            .get(&TypeId::of::<T>())
            .with_context(|| format!("the house holds no {}", type_name::<T>()))?;
        Arc::clone(thing)
            .downcast::<T>()
            .map_err(|_| anyhow::anyhow!("the house holds another {}", type_name::<T>()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thing_is_found_by_its_type_and_a_missing_one_is_named() {
        let drawer = Drawer::new().with(7_i64).with("press".to_owned());
        assert_eq!(*drawer.get::<i64>().unwrap(), 7);
        assert_eq!(*drawer.get::<String>().unwrap(), "press");
        assert!(drawer.get::<u8>().unwrap_err().to_string().contains("u8"));
    }
}
