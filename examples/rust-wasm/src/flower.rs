// SPDX-License-Identifier: MIT
//! Where the seeds of a flower lie, in a square from -1 to 1.

use std::f32::consts::TAU;

pub struct Seed {
    pub x: f32,
    pub y: f32,
    pub radius: f32,
    pub hue: f32,
}

const SEEDS_PER_PETAL: u32 = 24;
const HUE: f32 = 280.0;

pub fn seeds(petals: u32) -> impl Iterator<Item = Seed> {
    let petals = petals.max(1);

    (0..petals * SEEDS_PER_PETAL).map(move |i| {
        let along = (i % SEEDS_PER_PETAL) as f32 / SEEDS_PER_PETAL as f32;
        let turn = (i / SEEDS_PER_PETAL) as f32 / petals as f32;
        let angle = turn * TAU + along * 0.9;
        let reach = 0.15 + 0.75 * along;

        Seed {
            x: reach * angle.cos(),
            y: reach * angle.sin(),
            radius: 0.045 * (along * TAU / 2.0).sin() + 0.006,
            hue: HUE + 70.0 * along,
        }
    })
}
