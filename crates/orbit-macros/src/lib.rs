// SPDX-License-Identifier: MIT
//! `#[derive(Props)]`, without a parser of Rust: the name behind `struct` is all that is needed.
//! What `#[prop(default)]` on a field says is read by orbiton's generator, not here.

use proc_macro::{TokenStream, TokenTree};

/// Marks a struct as the props of a component.
#[proc_macro_derive(Props, attributes(prop))]
pub fn derive_props(input: TokenStream) -> TokenStream {
    let mut tokens = input.into_iter();
    while let Some(token) = tokens.next() {
        let is_item = match &token {
            TokenTree::Ident(word) => matches!(&*word.to_string(), "struct" | "enum"),
            _ => false,
        };
        if !is_item {
            continue;
        }
        if let (Some(TokenTree::Ident(name)), rest) = (tokens.next(), tokens.next()) {
            let generic = matches!(&rest, Some(TokenTree::Punct(p)) if p.as_char() == '<');
            if !generic {
                return format!("impl ::orbit::Props for {} {{}}", name).parse().unwrap();
            }
        }
        break;
    }
    "compile_error!(\"derive(Props) needs a struct without generic parameters\");".parse().unwrap()
}
