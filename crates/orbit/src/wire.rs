// SPDX-License-Identifier: MIT
//! Values as bytes. Little-endian; str = u32 length and UTF-8 bytes:
//!
//! ```text
//!     0 none | 1 false | 2 true | 3 i64 | 4 u64 | 5 f64 | 6 str | 7 u32 n, n values
//!     8 str name, u32 n, n (str field, value) | 9 u32 n, n (value key, value)
//!     10 str enum, str variant, value | 11 u32 length, bytes
//! ```
//!
//! What comes in is checked at each length; a bad buffer is an error.

use crate::shared::{Numbers, OWNER, WEAK};
use crate::value::Value;

/// Deeper values are cut: cycles of `Rc` have no other end, and the reader has the same limit.
pub const DEPTH_MAX: u32 = 100;

/// Writes values and the stream of slots.
#[derive(Default)]
pub struct Writer {
    pub bytes: Vec<u8>,
    depth: u32,
    /// Of a snapshot only: elsewhere nobody asks what is shared.
    numbers: Option<Numbers>,
}

impl Writer {
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes a snapshot, in which what is shared has a number (shared.rs).
    pub fn of_snapshot() -> Self {
        Writer { numbers: Some(Numbers::default()), ..Self::default() }
    }

    /// Writes what stands behind a pointer that others may share. `put` is None for one that does
    /// not own it.
    pub fn shared(&mut self, address: usize, put: Option<&dyn Fn(&mut Writer)>) {
        let number = self.numbers.as_mut().map(|numbers| numbers.of(address, put.is_some()));
        self.nested(|w| {
            let is_written = match number {
                Some((number, is_first)) => {
                    w.variant(if put.is_some() { OWNER } else { WEAK }, &number);
                    is_first
                }
                None => true,
            };
            match put {
                Some(put) if is_written => put(w),
                _ => w.none(),
            }
        });
    }

    fn len(&mut self, n: usize) {
        self.bytes.extend_from_slice(&(n as u32).to_le_bytes());
    }

    fn text(&mut self, s: &str) {
        self.len(s.len());
        self.bytes.extend_from_slice(s.as_bytes());
    }

    pub fn none(&mut self) {
        self.bytes.push(0);
    }

    pub fn bool(&mut self, b: bool) {
        self.bytes.push(1 + b as u8);
    }

    pub fn int(&mut self, n: i64) {
        self.bytes.push(3);
        self.bytes.extend_from_slice(&n.to_le_bytes());
    }

    pub fn uint(&mut self, n: u64) {
        if n <= i64::MAX as u64 {
            return self.int(n as i64);
        }
        self.bytes.push(4);
        self.bytes.extend_from_slice(&n.to_le_bytes());
    }

    pub fn float(&mut self, n: f64) {
        self.bytes.push(5);
        self.bytes.extend_from_slice(&n.to_le_bytes());
    }

    pub fn str(&mut self, s: &str) {
        self.bytes.push(6);
        self.text(s);
    }

    /// `n` values follow.
    pub fn list(&mut self, n: usize) {
        self.bytes.push(7);
        self.len(n);
    }

    /// `n` times field() and a value follow.
    pub fn record(&mut self, name: &str, n: usize) {
        self.bytes.push(8);
        self.text(name);
        self.len(n);
    }

    pub fn field(&mut self, name: &str) {
        self.text(name);
    }

    /// `n` pairs of values follow.
    pub fn map(&mut self, n: usize) {
        self.bytes.push(9);
        self.len(n);
    }

    /// One value follows: none, a list or a record.
    pub fn variant(&mut self, name: &str, variant: &str) {
        self.bytes.push(10);
        self.text(name);
        self.text(variant);
    }

    pub fn bytes(&mut self, b: &[u8]) {
        self.bytes.push(11);
        self.len(b.len());
        self.bytes.extend_from_slice(b);
    }

    /// Writes one value by `put`, or none where values stand too deep in one another.
    pub fn nested(&mut self, put: impl FnOnce(&mut Writer)) {
        if self.depth >= DEPTH_MAX - 4 {
            return self.none();
        }
        self.depth += 1;
        put(self);
        self.depth -= 1;
    }

    fn mark(&mut self, n: u16) {
        self.bytes.extend_from_slice(&n.to_le_bytes());
    }

    /// A slot's number; its value follows.
    pub fn slot(&mut self, id: u16) {
        self.mark(id);
    }

    pub fn begin(&mut self, scope: u16) {
        self.mark(0x8000 | scope);
    }

    pub fn item(&mut self) {
        self.mark(0xfffe);
    }

    /// A scope of a slot's content, which is asked for by orbit_fill.
    pub fn fill(&mut self, scope: u16) {
        self.begin(scope);
        self.mark(0xfffd);
    }

    pub fn end(&mut self) {
        self.mark(0xffff);
    }
}

/// A type that has a form on the wire.
pub trait ToWire {
    fn put(&self, w: &mut Writer);

    /// Whether it counts as true in a condition, as JavaScript would say of it.
    fn truth(&self) -> bool {
        true
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    depth: u32,
}

type Read<T> = Result<T, &'static str>;

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Read<&'a [u8]> {
        if n > self.bytes.len() {
            return Err("the value ends too early");
        }
        let (head, rest) = self.bytes.split_at(n);
        self.bytes = rest;
        Ok(head)
    }

    fn eight(&mut self) -> Read<[u8; 8]> {
        let mut ret = [0; 8];
        ret.copy_from_slice(self.take(8)?);
        Ok(ret)
    }

    fn len(&mut self) -> Read<usize> {
        let mut ret = [0; 4];
        ret.copy_from_slice(self.take(4)?);
        Ok(u32::from_le_bytes(ret) as usize)
    }

    /// A number of things of at least one byte each.
    fn count(&mut self) -> Read<usize> {
        let n = self.len()?;
        if n > self.bytes.len() {
            return Err("more values than bytes");
        }
        Ok(n)
    }

    fn text(&mut self) -> Read<String> {
        let n = self.len()?;
        let bytes = self.take(n)?;
        std::str::from_utf8(bytes).map(String::from).map_err(|_| "a text is not UTF-8")
    }

    fn value(&mut self) -> Read<Value> {
        if self.depth >= DEPTH_MAX {
            return Err("values stand too deep in one another");
        }
        self.depth += 1;
        let ret = self.tagged()?;
        self.depth -= 1;
        Ok(ret)
    }

    fn tagged(&mut self) -> Read<Value> {
        Ok(match self.take(1)?[0] {
            0 => Value::None,
            1 => Value::Bool(false),
            2 => Value::Bool(true),
            3 => Value::Int(i64::from_le_bytes(self.eight()?)),
            4 => Value::UInt(u64::from_le_bytes(self.eight()?)),
            5 => Value::Float(f64::from_le_bytes(self.eight()?)),
            6 => Value::Str(self.text()?),
            7 => {
                let n = self.count()?;
                Value::List((0..n).map(|_| self.value()).collect::<Read<_>>()?)
            }
            8 => {
                let name = self.text()?;
                let n = self.count()?;
                let field = |_| Ok((self.text()?, self.value()?));
                Value::Record(name, (0..n).map(field).collect::<Read<_>>()?)
            }
            9 => {
                let n = self.count()?;
                let pair = |_| Ok((self.value()?, self.value()?));
                Value::Map((0..n).map(pair).collect::<Read<_>>()?)
            }
            10 => {
                let name = self.text()?;
                let variant = self.text()?;
                Value::Variant(name, variant, Box::new(self.value()?))
            }
            11 => {
                let n = self.len()?;
                Value::Bytes(self.take(n)?.to_vec())
            }
            _ => return Err("an unknown kind of value"),
        })
    }
}

/// The one value that the bytes are.
pub fn decode(bytes: &[u8]) -> Result<Value, &'static str> {
    let mut reader = Reader { bytes, depth: 0 };
    let value = reader.value()?;
    if !reader.bytes.is_empty() {
        return Err("more than one value");
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Value {
        let text = |s: &str| Value::Str(s.into());
        Value::List(vec![
            Value::None,
            Value::Bool(true),
            Value::Int(-7),
            Value::UInt(u64::MAX),
            Value::Float(0.5),
            text("gr\u{fc}n"),
            Value::Record("P".into(), vec![("x".into(), Value::Int(1))]),
            Value::Map(vec![(text("a"), Value::List(vec![]))]),
            Value::Variant("E".into(), "A".into(), Box::new(Value::List(vec![Value::Int(2)]))),
            Value::Bytes(vec![1, 2, 3]),
        ])
    }

    fn encode(v: &Value) -> Vec<u8> {
        let mut w = Writer::new();
        v.put(&mut w);
        w.bytes
    }

    #[test]
    fn what_is_written_is_read() {
        assert_eq!(decode(&encode(&sample())), Ok(sample()));
    }

    #[test]
    fn a_part_of_a_value_is_an_error() {
        let bytes = encode(&sample());
        for n in 0..bytes.len() {
            assert!(decode(&bytes[..n]).is_err(), "{} bytes", n);
        }
        assert!(decode(&[&bytes[..], &[0]].concat()).is_err());
    }

    #[test]
    fn any_byte_changed_is_no_crash() {
        let bytes = encode(&sample());
        for at in 0..bytes.len() {
            for to in [0, 1, 7, 8, 9, 10, 11, 12, 0x7f, 0xff] {
                let mut bad = bytes.clone();
                bad[at] = to;
                let _ = decode(&bad);
            }
        }
    }

    #[test]
    fn depth_has_a_limit() {
        let deep = [vec![7, 1, 0, 0, 0].repeat(5000), vec![0]].concat();
        assert!(decode(&deep).is_err());
    }
}
