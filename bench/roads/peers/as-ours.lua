-- OSRM's profile for the roads that `network.rs` writes: each way says how fast it is driven.
api_version = 4

function setup()
  return {
    properties = {
      weight_name = 'duration',
      -- Weights are milliseconds; durations stay tenths of a second.
      weight_precision = 3,
      -- `u_turn_s` of the profile for normal driving.
      u_turn_penalty = 25,
      continue_straight_at_waypoint = false,
      use_turn_restrictions = true,
      process_call_tagless_node = false,
      max_speed_for_map_matching = 200 / 3.6,
      left_hand_driving = false,
    },
  }
end

function process_node() end

function process_way(_, way, result)
  local forward = tonumber(way:get_value_by_key('forward_kmh'))
  local backward = tonumber(way:get_value_by_key('backward_kmh'))
  result.forward_mode = forward and mode.driving or mode.inaccessible
  result.backward_mode = backward and mode.driving or mode.inaccessible
  result.forward_speed = forward or 0
  result.backward_speed = backward or 0
end

function process_turn(profile, turn)
  if turn.is_u_turn then
    turn.duration = profile.properties.u_turn_penalty
    turn.weight = turn.duration
  end
end

return {
  setup = setup,
  process_node = process_node,
  process_way = process_way,
  process_turn = process_turn,
}
