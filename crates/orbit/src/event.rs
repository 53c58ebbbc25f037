// SPDX-License-Identifier: MIT
//! Events of the page to a component, and of a component to its parent.

use crate::host;
use crate::instance::current;
use crate::restore::{FromWire, Losses};
use crate::value::Value;
use crate::wire::{ToWire, Writer};

/// What happened, as handlers see it under the name `event`.
#[derive(Clone, Debug, Default)]
pub struct Event {
    /// "click", "input"; of a component's event its name.
    pub kind: String,
    /// The text of the field that it happened in.
    pub value: String,
    pub checked: bool,
    /// Of the keyboard: "Enter", "a".
    pub key: String,
    /// Of the keyboard: "KeyA".
    pub code: String,
    pub x: f64,
    pub y: f64,
    pub button: i64,
    pub payload: Payload,
    /// The props of the slots that the handler stands in.
    #[doc(hidden)]
    pub fills: Vec<Value>,
}

/// What a component sent with its event.
#[derive(Clone, Debug)]
pub struct Payload(pub Value);

impl Default for Payload {
    fn default() -> Self {
        Payload(Value::None)
    }
}

impl Event {
    /// What a component sent with its event, as the type that is asked for. In a template it is
    /// written `event.detail`. Panics if it is of another type.
    pub fn detail<T: FromWire>(&self) -> T {
        let mut losses = Losses::default();
        T::from_wire(&self.payload.0, &mut losses).unwrap_or_else(|| {
            let name = std::any::type_name::<T>();
            panic!("event.detail of \"{}\" is no {}: {}", self.kind, name, self.payload.0)
        })
    }

    pub(crate) fn from_value(value: &Value) -> Self {
        let text = |name: &str| value.get(name).to_string();
        let number = |name: &str| value.get(name).as_f64().unwrap_or(0.0);
        Event {
            kind: text("type"),
            value: text("value"),
            checked: value.get("checked").as_bool().unwrap_or(false),
            key: text("key"),
            code: text("code"),
            x: number("x"),
            y: number("y"),
            button: number("button") as i64,
            payload: Payload(value.get("detail").clone()),
            fills: value.get("fills").items().to_vec(),
        }
    }
}

/// What o-model does: the target takes the value of the field, or that of the component's event. A
/// text that is no value of the type (a number half typed) changes nothing.
pub fn model<T: FromWire>(target: &mut T, event: &Event) {
    let value = match &event.payload.0 {
        Value::None => T::model_value(event),
        detail => detail.clone(),
    };
    target.patch(&value, &mut Losses::default());
}

/// Sends an event to the parent: `@name="..."` on this component's tag, with `event.detail`.
/// Outside of a component's own code it goes nowhere.
pub fn emit<T: ToWire>(name: &str, detail: T) {
    let mut w = Writer::new();
    detail.put(&mut w);
    host::emit(current(), name, &w.bytes);
}

/// Asks for a rendering of the component whose code runs.
pub fn request_update() {
    host::request_update(current());
}
