// SPDX-License-Identifier: MIT
//! What an author implements.

use crate::event::request_update;
use crate::restore::{FromWire, Losses};
use crate::show::Plain;
use crate::value::Value;
use crate::wire::{ToWire, Writer};
use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

/// The props of a component: a struct whose fields are given by the parent's attributes.
pub trait Props {}

impl Props for () {}

/// The logic of a component. The template is rendered by generated code.
pub trait Component: Sized + 'static {
    type Props: 'static;

    fn new(props: Self::Props) -> Self;

    /// Not called: a component in an `.orbit` file is rendered by its template.
    fn render(&self) -> String {
        String::new()
    }

    /// Its elements are in the page.
    fn mounted(&mut self) {}

    /// The page shows what has changed.
    fn updated(&mut self) {}

    /// Its elements have left the page; it is dropped next.
    fn unmounted(&mut self) {}

    /// Whether new props of the parent count. False leaves everything as it is.
    fn should_update(&self, _new_props: &Self::Props) -> bool {
        true
    }

    /// Takes new props over and returns None. If it gives them back, as it does by default, the
    /// fields that `new` makes differently of the new and of the old props get their new value.
    fn set_props(&mut self, props: Self::Props) -> Option<Self::Props> {
        Some(props)
    }

    /// Asks for a rendering; one follows each event anyway.
    fn request_update(&self) {
        request_update();
    }
}

/// A value that several closures share, and that asks for a rendering when it is changed.
#[derive(Default)]
pub struct State<T>(Rc<RefCell<T>>);

impl<T> State<T> {
    pub fn new(value: T) -> Self {
        State(Rc::new(RefCell::new(value)))
    }

    pub fn get(&self) -> T
    where
        T: Clone,
    {
        self.0.borrow().clone()
    }

    pub fn with<R>(&self, read: impl FnOnce(&T) -> R) -> R {
        read(&self.0.borrow())
    }

    pub fn set(&self, value: T) {
        *self.0.borrow_mut() = value;
        request_update();
    }

    pub fn update(&self, change: impl FnOnce(&mut T)) {
        change(&mut self.0.borrow_mut());
        request_update();
    }
}

impl<T> Clone for State<T> {
    fn clone(&self) -> Self {
        State(self.0.clone())
    }
}

impl<T: fmt::Display> fmt::Display for State<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.borrow().fmt(f)
    }
}

impl<T: fmt::Debug> fmt::Debug for State<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.borrow().fmt(f)
    }
}

impl<T: ToWire> ToWire for State<T> {
    fn put(&self, w: &mut Writer) {
        self.0.put(w);
    }

    fn truth(&self) -> bool {
        self.0.truth()
    }
}

impl<T: Plain> Plain for State<T> {}

impl<T: FromWire> FromWire for State<T> {
    fn from_wire(value: &Value, losses: &mut Losses) -> Option<Self> {
        T::from_wire(value, losses).map(State::new)
    }

    fn patch(&mut self, value: &Value, losses: &mut Losses) -> bool {
        self.0.patch_shared(value, losses)
    }
}
