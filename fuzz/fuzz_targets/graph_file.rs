#![no_main]
//! A graph file is read, or refused with its line; the same text may hold coordinates.
use ems_hierarchy::{FAR, Graph, ListedGraph};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match ListedGraph::parse(text) {
        Ok(listed) if listed.n_nodes < 1 << 16 => {
            assert!(listed.weights.iter().all(|&weight| weight < FAR));
            Graph::from_arcs(listed.n_nodes, &listed.arcs).expect("arcs join the file's nodes");
        }
        Ok(_) => {}
        Err(error) => assert!(error.to_string().len() < 1000, "{error}"),
    }
    let pair = ListedGraph { n_nodes: 2, arcs: Vec::new(), weights: Vec::new() };
    if let Ok(places) = pair.parse_coordinates(text) {
        assert_eq!(places.len(), 2);
    }
});
