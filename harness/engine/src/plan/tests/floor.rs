//! The search for floors: where it is planned, and what else is.

use super::{EXAMPLE, asked, at, labels, planned};
use crate::plan::{FloorRequest, Order, Plan, PlanRequest, estimate};

/// The example with a target on the floor of `depth-first` in place of its first.
fn on_floor(bound: &str) -> String {
    let first = "{ metric: peak_rss, variant: depth-first, at_most: 48 MiB, sizes: [full] }";
    assert!(EXAMPLE.contains(first));
    let target = format!("{{ metric: floor, variant: depth-first, at_most: {bound} }}");
    EXAMPLE.replace(first, &target)
}

#[test]
fn a_floor_is_searched_for_where_a_target_needs_it() {
    let wanted = |plan: &Plan| -> Vec<bool> { plan.variants.iter().map(|v| v.floor).collect() };
    let made = planned(&on_floor("64 MiB"), "full");
    assert_eq!(wanted(&made), [false, false, true]);
    let made = planned(&on_floor("0.5 x baseline"), "smoke");
    assert_eq!(wanted(&made), [true, false, true], "the baseline's, too");
    let none = estimate(&planned(EXAMPLE, "full"), None);
    let some = estimate(&made, None);
    assert!(none.rows.iter().all(|row| row.floor == (0, 0)));
    assert_eq!(
        some.rows[2].floor,
        (4, 45),
        "a pass that is confirmed, and a failure"
    );
}

#[test]
fn nothing_but_floors_is_measured_where_only_they_are_asked_for() {
    let floor = FloorRequest {
        precision: Some(0.1),
        ..FloorRequest::default()
    };
    let request = PlanRequest {
        floor: Some(floor),
        ..at("smoke")
    };
    let plan = asked(&on_floor("64 MiB"), &request);
    assert!(plan.floor_only && plan.variants.iter().all(|variant| variant.floor));
    assert_eq!(labels(&plan), ["floor of depth-first <= 64 MiB"]);
    assert_eq!(
        (plan.measure.floor.precision, plan.measure.floor.repeats),
        (0.1, 3)
    );
    let order = Order::new(&plan);
    assert_eq!((order.rounds_min(), order.rounds_max()), (2, 2));
    assert_eq!(order.fixed_before().len(), 3);
    assert!(order.fixed_after().is_empty());
}
